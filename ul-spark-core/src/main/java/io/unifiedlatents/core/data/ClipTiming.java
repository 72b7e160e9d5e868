package io.unifiedlatents.core.data;

import java.io.Serializable;
import java.util.List;

/**
 * Which frames of a video a clip consists of.
 *
 * @param window number of the clip within its video, from 0
 * @param firstFrame index of its first frame in presentation order
 * @param stride frames from one to the next; 0 where they were chosen by {@code framesPerSecond}
 * @param framesPerSecond rate they were chosen by; 0 where they were chosen by {@code stride}
 * @param sourceFramesPerSecond average rate of the video
 * @param seconds presentation time of each frame, from the start of the stream
 */
public record ClipTiming(
        int window,
        int firstFrame,
        int stride,
        double framesPerSecond,
        double sourceFramesPerSecond,
        List<Double> seconds)
        implements Serializable {
    /** Copies the list. */
    public ClipTiming {
        seconds = List.copyOf(seconds);
    }
}
