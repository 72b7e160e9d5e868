package io.unifiedlatents.core.config;

import java.util.Locale;

/** The place in a video where its clip begins. */
public enum ClipOffset {
    /** The first frame. */
    START,
    /** The clip lies in the middle of the video. */
    CENTRE,
    /** A frame drawn by seed and id. */
    RANDOM,
    /** Every clip that fits is taken, one after the other. */
    ALL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
