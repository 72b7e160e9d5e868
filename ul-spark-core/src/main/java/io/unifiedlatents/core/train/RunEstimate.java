package io.unifiedlatents.core.train;

import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.TrainConfig;
import java.util.Locale;

/**
 * The cost of a stage, computed from its graph.
 *
 * @param parameters float32 numbers of the model
 * @param forwardFlops of one sample; linear, convolution and attention at 2 FLOP a multiply-add
 * @param stateBytes of one rank: parameters, gradient, and its share of two moments and the moving average
 * @param activationBytes of one micro-batch, all intermediate results: what backward keeps at most
 */
public record RunEstimate(long parameters, double forwardFlops, double stateBytes, double activationBytes) {
    /** Estimates a stage on {@code ranks} ranks. */
    public static RunEstimate of(Objective objective, TrainConfig run, int ranks) {
        return new RunEstimate(
                objective.layout().size(),
                objective.graph().flops(),
                StateBytes.of(new Partition(objective.layout().size(), ranks), 0)
                        .total(),
                (double) objective.graph().resultBytes() * run.microBatch());
    }

    /** The estimate as one line of text. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d parameters; %.4g GFLOP an image forward, %.4g in training; memory of a rank: %.3g GiB of state,"
                        + " at most %.3g GiB of activations",
                parameters,
                forwardFlops / 1e9,
                3 * forwardFlops / 1e9,
                stateBytes / (1 << 30),
                activationBytes / (1 << 30));
    }
}
