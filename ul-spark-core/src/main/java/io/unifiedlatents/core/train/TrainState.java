package io.unifiedlatents.core.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of one rank between steps: all parameters and the gradient as flat float32 vectors, and its own range of
 * the optimizer's moments and of the moving average. Owns its tensors.
 */
final class TrainState implements AutoCloseable {
    private final Device device;
    private final NDManager manager;
    private final Partition partition;
    private final long begin;
    private final long end;
    private final NDArray parameters;
    private final NDArray gradient;
    private final NDArray moment1;
    private final NDArray moment2;
    private final NDArray average;

    /** Starts with parameters as the layout says for this seed, moments at zero, the average at the parameters. */
    TrainState(ParameterLayout layout, Partition partition, int rank, Device device, long seed) throws IOException {
        this.device = device;
        this.partition = partition;
        this.begin = partition.begin(rank);
        this.end = partition.end(rank);
        this.manager = Torch.newManager(device);
        this.parameters = manager.zeros(new Shape(layout.size()));
        this.gradient = manager.zeros(new Shape(layout.size()));
        this.moment1 = manager.zeros(new Shape(end - begin));
        this.moment2 = manager.zeros(new Shape(end - begin));
        this.average = manager.zeros(new Shape(end - begin));
        parameterMemory().fill(values -> {
            layout.initialize(values, seed);
            memory(average).set(values.range(begin, end), 0);
        });
    }

    /** Replaces the parameters that the layout gave, and starts the average there. */
    void startFrom(StartWeights weights) throws IOException {
        parameterMemory().fill(values -> {
            weights.read(values);
            memory(average).set(values.range(begin, end), 0);
        });
    }

    Device device() {
        return device;
    }

    NDManager manager() {
        return manager;
    }

    Partition partition() {
        return partition;
    }

    /** First element of the own range. */
    long begin() {
        return begin;
    }

    /** First element behind the own range. */
    long end() {
        return end;
    }

    /** Whether this rank owns no range, as the last ranks of tiny models. */
    boolean isEmpty() {
        return begin == end;
    }

    NDArray parameters() {
        return parameters;
    }

    NDArray gradient() {
        return gradient;
    }

    NDArray moment1() {
        return moment1;
    }

    NDArray moment2() {
        return moment2;
    }

    NDArray average() {
        return average;
    }

    /** The memory of all parameters. */
    Floats parameterMemory() {
        return Torch.memory(parameters);
    }

    /** The memory of the gradient. */
    Floats gradientMemory() {
        return Torch.memory(gradient);
    }

    /** The own range of everything a checkpoint keeps, by the names it has there. */
    Map<String, Floats> ownRanges() {
        Map<String, Floats> ranges = new LinkedHashMap<>();
        ranges.put(Vectors.PARAMETERS, parameterMemory().range(begin, end));
        ranges.put(Vectors.MOMENT1, memory(moment1));
        ranges.put(Vectors.MOMENT2, memory(moment2));
        ranges.put(Vectors.AVERAGE, memory(average));
        return ranges;
    }

    /**
     * Copies every rank's part of the moving average to the host; all ranks must call it.
     *
     * @param host manager of the CPU that owns the copy
     * @return float32 [N] of at most 2 GiB
     */
    NDArray wholeAverage(NDManager host, Collective collective) throws IOException {
        NDArray whole = host.zeros(parameters.getShape());
        FloatVector values = FloatVector.of(Torch.bytes(whole));
        memory(average).copyTo(values.range(begin, end));
        collective.allGather(values, partition);
        return whole;
    }

    private Floats memory(NDArray own) {
        return isEmpty() ? parameterMemory().range(begin, end) : Torch.memory(own);
    }

    @Override
    public void close() {
        manager.close();
    }
}
