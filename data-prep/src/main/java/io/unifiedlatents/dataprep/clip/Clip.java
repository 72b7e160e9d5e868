package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.SampleShape;

/**
 * A window of frames, scaled and cropped.
 *
 * @param window index among the windows of the video: 0, 1, … for {@link ClipOffset#ALL}, else 0
 * @param shape frames, and height and width of each
 * @param pixels red, green, blue, row by row, frame after frame, not copied
 * @param seconds when each frame is shown, after the start of the file
 * @param sourceFps average frames a second of the video, 0 where the file does not say
 * @param stride frames of the video from one frame to the next; 0 where the clip has a rate of its own
 * @param fps the clip's own frames a second; 0 where it has a stride
 * @param firstFrame number of the first frame in the video or span, in the order in which frames are shown
 */
public record Clip(
        int window,
        SampleShape shape,
        byte[] pixels,
        double[] seconds,
        double sourceFps,
        int stride,
        double fps,
        long firstFrame) {}
