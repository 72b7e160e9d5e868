package io.unifiedlatents.core.config;

import java.io.Serializable;

/**
 * Which frames of a video make a clip.
 *
 * @param frames in a clip
 * @param stride frames from one to the next; looked at where {@code fps} is 0
 * @param fps rate at which frames are taken, whatever the rate of the video; 0: every {@code stride}-th frame
 * @param offset where the clip begins
 */
public record ClipConfig(
        @Within("[1, 1024]") int frames,
        @Within("[1, ∞)") int stride,
        @Within("[0, 1000]") double fps,
        ClipOffset offset)
        implements Serializable {}
