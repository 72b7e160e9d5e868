package io.unifiedlatents.core.config;

/**
 * AdamW with warm-up, decay, clipping by global norm, and an exponential moving average (EMA) of the parameters.
 *
 * @param learningRate peak rate
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled, per unit of learning rate, on every parameter
 * @param warmupSteps steps of linear growth from 0
 * @param decay course of the rate after warm-up
 * @param clipNorm largest global norm of the gradient; larger ones are scaled down
 * @param emaDecay of the moving average, reached by (1 + step) / (10 + step)
 */
public record OptimizerConfig(
        @Within("(0, ∞)") double learningRate,
        @Within("[0, 1)") double beta1,
        @Within("[0, 1)") double beta2,
        double epsilon,
        double weightDecay,
        int warmupSteps,
        LearningRateDecay decay,
        @Within("(0, ∞)") double clipNorm,
        @Within("[0, 1)") double emaDecay) {

    /** Learning rate of a step, counted from 0, of a run of {@code steps}. */
    public double learningRate(long step, long steps) {
        double warm = Math.min(1, (step + 1.0) / Math.max(1, warmupSteps));
        if (decay == LearningRateDecay.CONSTANT || step < warmupSteps) {
            return learningRate * warm;
        }
        double progress = (step - warmupSteps) / Math.max(1.0, (double) (steps - warmupSteps));
        return learningRate * warm * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    }

    /** EMA decay of a step, counted from 0. */
    public double emaDecay(long step) {
        return Math.min(emaDecay, (1.0 + step) / (10.0 + step));
    }
}
