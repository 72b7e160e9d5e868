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
public record ClipEvaluationConfig(int frames, int conditioningFrames, int folds) {
    /** Checks the ranges. */
    public ClipEvaluationConfig {
        Check.setting(
                frames >= 1 && conditioningFrames >= 0 && conditioningFrames < frames && folds >= 1,
                "frames=%d must be at least 1 and more than conditioningFrames=%d, which is 0 or more;"
                        + " folds=%d at least 1",
                frames,
                conditioningFrames,
                folds);
    }
}
