package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.SampleShape;

/**
 * Which frames of a video become clips, and how large.
 *
 * <p>Frames are counted in the order in which they are shown, from 0 at the first one of the video or span. With
 * {@code fps} = 0, frame i of a window that begins at frame k is frame k + i·stride of the video; window follows window
 * by frames·stride. With {@code fps} = f, frame i of a window that begins at time t is the one shown at t + i/f: the
 * last whose timestamp comes less than a tolerance after that; window follows window by frames/f. All times asked for
 * lie before the end of the last frame, less the tolerance: half a tick of the file's clock, at most half a
 * millisecond.
 *
 * <p>{@link ClipOffset#CENTRE}: of n frames the window begins at frame ⌊(n − (frames − 1)·stride − 1) / 2⌋; with
 * {@code fps}, it begins half of what the duration has more than frames/f after the first frame.
 * {@link ClipOffset#RANDOM}: uniformly among all windows; with {@code fps}, among all beginnings that leave frames/f to
 * the end.
 *
 * @param shape of a clip: frames, and height and width of each as shown
 * @param stride frames of the video from one frame of a clip to the next, where {@code fps} is 0
 * @param fps frames a second of a clip; 0 for the video's own
 * @param offset which windows
 * @param seed of {@link ClipOffset#RANDOM}
 */
public record ClipSettings(SampleShape shape, int stride, double fps, ClipOffset offset, long seed)
        implements java.io.Serializable {
    private static final double MAX_FPS = 1000;
    /** Most bytes of the pixels of a clip. */
    public static final long MAX_BYTES = 1L << 30;

    /** Checks the ranges. */
    public ClipSettings {
        Check.argument(stride > 0, "stride=%d must be positive", stride);
        Check.argument(fps >= 0 && fps <= MAX_FPS, "fps=%s must be 0 or up to %s", fps, MAX_FPS);
        Check.argument(fps == 0 || stride == 1, "fps=%s and stride=%d exclude each other; leave one out", fps, stride);
        Check.argument(
                bytes(shape) <= MAX_BYTES,
                "a clip of %s has %d bytes, at most %d are made",
                shape,
                bytes(shape),
                MAX_BYTES);
    }

    /** Consecutive frames of a video that one window needs, where {@code fps} is 0. */
    public long framesNeeded() {
        return (frames() - 1L) * stride + 1;
    }

    /** Frames of a clip. */
    public int frames() {
        return shape.frames();
    }

    private static long bytes(SampleShape shape) {
        return 1L * shape.frames() * shape.height() * shape.width() * shape.channels();
    }
}
