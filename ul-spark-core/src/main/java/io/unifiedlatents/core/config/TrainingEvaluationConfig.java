package io.unifiedlatents.core.config;

/**
 * The small evaluation within training.
 *
 * @param images held-out pictures judged, the same ones each time
 * @param samplerSteps denoising steps of a reconstruction
 */
public record TrainingEvaluationConfig(
        @Within("[1, ∞)") int images, @Within("[1, ∞)") int samplerSteps) {}
