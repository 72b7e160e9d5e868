package io.unifiedlatents.core.config;

/**
 * Which frames of clips are judged. The size at which they are is that of the detector's resizing: Kinetics-600 is
 * judged at 64 pixels, {@code evaluate.detector.resize=torch-bilinear} and {@code side=64}, which the network enlarges
 * in turn (Yu et al. 2023, MAGVIT, App. B.3).
 *
 * @param frames of a clip that are judged, from the first on (16 for Kinetics-600)
 * @param conditioningFrames of them given to the generator, not made by it (5 for Kinetics-600). Detectors of clips see
 *     them, as in published numbers; detectors of pictures do not
 * @param folds parts of the samples that are judged one by one, for the deviation between them (4 in MAGVIT)
 */
public record ClipEvaluationConfig(
        @Within("[1, ∞)") int frames,
        @Within("[0, ∞)") int conditioningFrames,
        @Within("[1, ∞)") int folds) {
    /** Checks that frames are left to judge. */
    public ClipEvaluationConfig {
        Check.setting(
                conditioningFrames < frames,
                "conditioningFrames=%d must be fewer than frames=%d",
                conditioningFrames,
                frames);
    }
}
