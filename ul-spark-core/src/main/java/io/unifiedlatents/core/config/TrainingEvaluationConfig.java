package io.unifiedlatents.core.config;

/**
 * The small evaluation within training.
 *
 * @param images held-out pictures judged, the same ones each time
 * @param samplerSteps denoising steps of a reconstruction
 */
public record TrainingEvaluationConfig(int images, int samplerSteps) {
    /** Checks the ranges. */
    public TrainingEvaluationConfig {
        Check.setting(
                images >= 1 && samplerSteps >= 1,
                "images=%d and samplerSteps=%d must be at least 1",
                images,
                samplerSteps);
    }
}
