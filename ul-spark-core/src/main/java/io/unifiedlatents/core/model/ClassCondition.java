package io.unifiedlatents.core.model;

import io.unifiedlatents.core.config.ConditionConfig;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.HostTensor;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The class of a sample as a condition: an embedding table with one row for each class and one for "none".
 *
 * @param config number of classes, and fraction of training samples whose class is dropped
 */
public record ClassCondition(ConditionConfig.ClassLabel config) implements Condition {
    private static final double STD = 0.02;

    /** The conditions that a config asks for. */
    static List<Condition> of(ConditionConfig config) {
        return config instanceof ConditionConfig.ClassLabel label ? List.of(new ClassCondition(label)) : List.of();
    }

    @Override
    public String name() {
        return "labels";
    }

    @Override
    public DType dtype() {
        return DType.INT64;
    }

    @Override
    public long[] shape() {
        return new long[0];
    }

    @Override
    public Value embed(Scope s, Value values, long width) {
        Scope here = s.at("class");
        Value table = here.parameter("weight", new Initializer(0, STD), config.classes() + 1L, width);
        return Functions.embedding(here, table, values);
    }

    @Override
    public HostTensor training(MicroBatch batch, long seed) {
        long[] labels = new long[batch.size()];
        for (int i = 0; i < labels.length; i++) {
            long drawn = Seeds.of(seed, "class dropout", batch.step(), batch.stream(), batch.firstIndex() + i);
            labels[i] = Seeds.unitInterval(drawn) < config.dropout() ? config.classes() : batch.labels()[i];
        }
        return HostTensor.ofLongs(labels);
    }

    @Override
    public HostTensor none(int samples) {
        long[] labels = new long[samples];
        Arrays.fill(labels, config.classes());
        return HostTensor.ofLongs(labels);
    }

    @Override
    public Value none(Value values) {
        return values.filledWith(config.classes());
    }

    @Override
    public HostTensor sampled(long[] numbers, SampleConfig wanted) {
        return HostTensor.ofLongs(LongStream.of(numbers)
                .map(number -> wanted.label(number, config.classes()))
                .toArray());
    }
}
