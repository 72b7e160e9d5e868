package io.unifiedlatents.core.config;

/**
 * How clips are brought to a detector.
 *
 * @param frames of a clip that are judged, from the first on (16 for Kinetics-600)
 * @param conditioningFrames of them given to the generator, not made by it (5 for Kinetics-600); 0 for clips made from
 *     nothing
 * @param side pixels to which frames are cropped at the centre and resized before the detector resizes them in turn (64
 *     for Kinetics-600); 0: as they are
 * @param folds parts of the samples that are judged one by one, for the deviation between them (4 in MAGVIT)
 */
public record ClipEvaluationConfig(int frames, int conditioningFrames, int side, int folds) {
    /** Checks the ranges. */
    public ClipEvaluationConfig {
        Check.setting(
                frames >= 1 && conditioningFrames >= 0 && conditioningFrames < frames && side >= 0 && folds >= 1,
                "evaluate.clips: frames=%d must be at least 1 and more than conditioningFrames=%d, which is 0 or more;"
                        + " side=%d 0 or more, folds=%d at least 1",
                frames,
                conditioningFrames,
                side,
                folds);
    }
}
