package io.unifiedlatents.core.config;

import java.util.Locale;

/** The course of the learning rate after warm-up. */
public enum LearningRateDecay {
    /** The peak rate to the end. */
    CONSTANT,
    /** Half a cosine down to 0 at the last step. */
    COSINE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
