package io.unifiedlatents.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.unifiedlatents.core.data.MicroBatch;
import java.util.List;

/**
 * An input of a training script: the graph declares it and every micro-batch is fed to it from the same record.
 *
 * @param name in the script
 * @param source of its values
 */
public record Input(String name, Source source) {
    /** The place that an input's values come from. */
    @FunctionalInterface
    interface Source {
        /** The values of one micro-batch, on the manager's device; owned by it, or by the training state. */
        NDArray read(NDManager call, Feed feed);
    }

    /**
     * Everything that the inputs of a micro-batch are made from.
     *
     * @param parameters flat vector, float32 [N]
     * @param gradient flat vector, float32 [N], written by the script
     * @param batch samples
     * @param coefficients of the step, see {@link Objective#coefficients}
     * @param globalBatch samples of the step
     */
    public record Feed(
            NDArray parameters, NDArray gradient, MicroBatch batch, List<float[]> coefficients, int globalBatch) {}
}
