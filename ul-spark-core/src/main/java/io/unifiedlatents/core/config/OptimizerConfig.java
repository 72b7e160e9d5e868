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
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        int warmupSteps,
        LearningRateDecay decay,
        double clipNorm,
        double emaDecay) {
    /** Checks the ranges. */
    public OptimizerConfig {
        Check.setting(learningRate > 0, "learningRate is %s; it must be positive", learningRate);
        Check.setting(
                beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
                "beta1=%s and beta2=%s must be in [0, 1)",
                beta1,
                beta2);
        Check.setting(clipNorm > 0, "clipNorm is %s; it must be positive", clipNorm);
        Check.setting(emaDecay >= 0 && emaDecay < 1, "emaDecay is %s; it must be in [0, 1)", emaDecay);
    }

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
