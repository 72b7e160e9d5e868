package io.unifiedlatents.core.config;

import java.io.Serializable;

/**
 * Which frames of a video make a clip.
 *
 * @param frames in a clip, 1 to 1024
 * @param stride frames from one to the next; looked at where {@code fps} is 0
 * @param fps rate at which frames are taken, whatever the rate of the video; 0: every {@code stride}-th frame
 * @param offset where the clip begins
 */
public record ClipConfig(int frames, int stride, double fps, ClipOffset offset) implements Serializable {
    /** Checks the ranges. */
    public ClipConfig {
        Check.setting(frames >= 1 && frames <= 1024, "frames=%d must be between 1 and 1024 frames", frames);
        Check.setting(stride >= 1, "stride=%d must be at least 1 frame", stride);
        Check.setting(fps >= 0 && fps <= 1000, "fps=%s must be 0 (by stride) or up to 1000 a second", fps);
    }
}
