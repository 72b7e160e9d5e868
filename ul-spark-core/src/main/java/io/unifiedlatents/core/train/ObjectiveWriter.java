package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.loss.Draws;
import io.unifiedlatents.core.model.Condition;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.HostTensor;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;

/**
 * Writes the objective of a stage: its script, the list of its inputs, the noise levels that it draws and the terms
 * that it reports. An input is declared where it is first asked for, and is fed from the same declaration.
 */
final class ObjectiveWriter implements Draws {
    private final Graph graph;
    private final ParameterLayout layout = new ParameterLayout();
    private final long seed;
    private final List<Input> inputs = new ArrayList<>();
    private final List<Objective.Level> levels = new ArrayList<>();
    private final Map<String, Value> terms = new LinkedHashMap<>();
    private final Value gradient;
    private long sampleBytes;

    /**
     * Starts a script.
     *
     * @param compute element type of matrix products, convolutions and attention
     * @param seed of the run
     */
    ObjectiveWriter(DType compute, long seed) {
        this.seed = seed;
        this.graph = new Graph(Objective.METHOD, layout, compute);
        graph.parametersFromArgument("parameters");
        inputs.add(new Input("parameters", (call, feed) -> feed.parameters()));
        this.gradient = input("gradient", DType.FLOAT32, new long[] {0}, (call, feed) -> feed.gradient());
    }

    private Value input(String name, DType dtype, long[] shape, Input.Source source) {
        inputs.add(new Input(name, source));
        return graph.input(name, dtype, shape);
    }

    /** Starts the random numbers of the script; before the first draw. */
    void seed() {
        Value seeds = input("seeds", DType.INT64, new long[] {1}, (call, feed) -> {
            long drawn =
                    Seeds.of(seed, "noise", feed.batch().step(), feed.batch().number());
            return HostTensor.ofLongs(drawn).on(call);
        });
        Functions.seed(scope("objective"), seeds);
    }

    /** Samples as stored, uint8 [B, H, W, 3]. */
    Value pixels(SampleShape shape) {
        sampleBytes += shape.values();
        return input(Objective.PIXELS, DType.UINT8, shape.storedBatch(-1), (call, feed) -> {
            long[] extents = shape.storedBatch(feed.batch().size());
            return new HostTensor(
                            DType.UINT8,
                            extents,
                            Objects.requireNonNull(feed.batch().pixels()))
                    .on(call);
        });
    }

    /** Frozen clean latents, float32 [B, C, h, w]. */
    Value latents(SampleShape shape) {
        sampleBytes += (long) Float.BYTES * shape.values();
        return input(Objective.LATENTS, DType.FLOAT32, shape.networkBatch(), (call, feed) -> {
            long[] extents = shape.networkBatch(feed.batch().size());
            FloatBuffer latents = Objects.requireNonNull(feed.batch().latents());
            return new HostTensor(DType.FLOAT32, extents, latents).on(call);
        });
    }

    /** Values of conditions, in their order. */
    List<Value> conditions(List<Condition> conditions) {
        List<Value> values = new ArrayList<>();
        for (Condition condition : conditions) {
            long[] shape = LongStream.concat(LongStream.of(-1), LongStream.of(condition.shape()))
                    .toArray();
            values.add(input(
                    condition.name(),
                    condition.dtype(),
                    shape,
                    (call, feed) -> condition.training(feed.batch(), seed).on(call)));
        }
        return values;
    }

    /** A number that depends on the step alone, float32 []. */
    Value scalar(String name, LongToDoubleFunction ofStep) {
        return input(name, DType.FLOAT32, new long[] {1}, (call, feed) -> {
                    float value = (float) ofStep.applyAsDouble(feed.batch().step());
                    return HostTensor.ofFloats(new float[] {value}, 1).on(call);
                })
                .select(0, 0);
    }

    @Override
    public Value normalLike(Value x) {
        return Functions.normalLike(scope("objective"), x);
    }

    @Override
    public Diffusion level(NoiseSchedule schedule, Weighting weighting, String purpose) {
        int index = levels.size();
        levels.add(new Objective.Level(schedule, weighting, purpose));
        Value rows = input("coefficients" + index, DType.FLOAT32, new long[] {-1, Diffusion.COLUMNS}, (call, feed) -> {
            int begin = feed.batch().number() * feed.batch().size() * Diffusion.COLUMNS;
            int end = begin + feed.batch().size() * Diffusion.COLUMNS;
            float[] own = Arrays.copyOfRange(feed.coefficients().get(index), begin, end);
            return HostTensor.ofFloats(own, feed.batch().size(), Diffusion.COLUMNS)
                    .on(call);
        });
        return Diffusion.columns(rows);
    }

    Scope scope(String path) {
        return graph.scope(path);
    }

    /** See {@link Graph#boundary}. */
    void boundary() {
        graph.boundary();
    }

    /** Adds a term that is reported, float32 [B]; the first is the loss. */
    void term(String name, Value perSample) {
        terms.put(name, perSample);
    }

    /** Differentiates the first term, averaged over the global batch, and ends the script. */
    Objective finish() {
        Value loss = terms.values().iterator().next();
        Value share = input(
                "share",
                DType.FLOAT32,
                new long[] {1},
                (call, feed) -> HostTensor.ofFloats(new float[] {1f / feed.globalBatch()}, 1)
                        .on(call));
        graph.accumulateGradient(loss.sum().mul(share.select(0, 0)), gradient);
        Value[] columns =
                terms.values().stream().map(term -> term.reshape(-1, 1)).toArray(Value[]::new);
        Value all = columns.length == 1 ? columns[0] : Functions.concat(scope("objective"), 1, columns);
        graph.output(all.detach());
        return new Objective(graph, layout, List.copyOf(terms.keySet()), levels, inputs, sampleBytes, seed);
    }
}
