package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.ClipOffset;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Takes the frames of a video in order and gives clips, holding one window at a time. */
final class WindowCutter {
    private final ClipSettings settings;
    private final VideoFile video;
    private final FrameScaler scaler;
    private final ClipConsumer consumer;
    private final int frameBytes;
    private byte @Nullable [] pixels;
    private double[] seconds;
    private long next; // sample of the grid
    private long firstFrame;
    private int windows;

    WindowCutter(ClipSettings settings, VideoFile video, FrameScaler scaler, ClipConsumer consumer) {
        this.settings = settings;
        this.video = video;
        this.scaler = scaler;
        this.consumer = consumer;
        this.frameBytes = settings.shape().frame().values();
        this.seconds = new double[settings.frames()];
    }

    /**
     * Takes one frame.
     *
     * @param number of the frame, growing from call to call
     * @param end when the next frame is shown, or the video ends
     * @return whether no more frames are wanted
     */
    boolean take(Grid grid, DecodedFrame frame, long number, double end) throws Unreadable, IOException {
        int from = -1; // place in the window of a copy of this frame
        while (grid.shows(next, number, end)) {
            int place = (int) (next % settings.frames());
            if (place == 0) {
                pixels = new byte[settings.frames() * frameBytes];
                seconds = new double[settings.frames()];
                firstFrame = number;
                from = -1;
            }
            if (from < 0) {
                scaler.scale(frame.frame(), window(), place * frameBytes);
            } else {
                System.arraycopy(window(), from * frameBytes, window(), place * frameBytes, frameBytes);
            }
            from = place;
            seconds[place] = video.seconds((double) frame.time());
            next++;
            if (place == settings.frames() - 1) {
                deliver();
                if (settings.offset() != ClipOffset.ALL) {
                    return true;
                }
            }
        }
        return false;
    }

    private byte[] window() {
        if (pixels == null) {
            throw new IllegalStateException("a window begins with its first frame");
        }
        return pixels;
    }

    private void deliver() throws IOException {
        consumer.accept(new Clip(
                windows,
                settings.shape(),
                window(),
                seconds,
                video.info().fps(),
                settings.fps() == 0 ? settings.stride() : 0,
                settings.fps(),
                firstFrame));
        windows++;
        pixels = null;
    }

    int windows() {
        return windows;
    }
}
