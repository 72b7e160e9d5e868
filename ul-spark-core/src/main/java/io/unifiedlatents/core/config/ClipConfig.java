package io.unifiedlatents.core.config;

import java.io.Serializable;
import java.util.List;

/**
 * Which frames of a video make a clip.
 *
 * @param frames in a clip, 1 to 1024
 * @param stride frames from one to the next; looked at where {@code fps} is 0
 * @param fps rate at which frames are taken, whatever the rate of the video; 0: every {@code stride}-th frame
 * @param offset where the clip begins: {@code start}, {@code centre}, {@code random} (by seed and id), or {@code all}
 *     for every clip that fits, one after the other
 */
public record ClipConfig(int frames, int stride, double fps, String offset) implements Serializable {
    private static final List<String> OFFSETS = List.of("start", "centre", "random", "all");

    /** Checks the ranges. */
    public ClipConfig {
        Check.setting(
                frames >= 1 && frames <= 1024, "prepare.clips.frames=%d must be between 1 and 1024 frames", frames);
        Check.setting(stride >= 1, "prepare.clips.stride=%d must be at least 1 frame", stride);
        Check.setting(
                fps >= 0 && fps <= 1000, "prepare.clips.fps=%s must be 0 (by stride) or up to 1000 a second", fps);
        Check.setting(OFFSETS.contains(offset), "prepare.clips.offset=%s is none of %s", offset, OFFSETS);
    }
}
