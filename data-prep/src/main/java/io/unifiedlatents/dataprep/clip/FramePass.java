package io.unifiedlatents.dataprep.clip;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One pass over the frames of a video that cuts clips out of it. */
final class FramePass implements AutoCloseable {
    /** No bound on the first frame. */
    static final long ANYWHERE = Long.MAX_VALUE;

    private final VideoFile video;
    private final ClipSettings settings;
    private final TickSpan span;
    private final @Nullable FrameTimes expected;
    private final FrameScaler scaler;
    private final WindowCutter cutter;
    private @Nullable Grid grid;
    private DecodedFrame next = new DecodedFrame();
    private DecodedFrame shown = new DecodedFrame(); // until the next one comes
    private long number = -1; // of the frame shown
    private long firstTime;
    private double end;

    /**
     * Prepares a pass.
     *
     * @param grid null for that from the first frame on
     * @param expected times of the frames of the span; null to count from 0 at the first one
     */
    FramePass(
            VideoFile video,
            ClipSettings settings,
            TickSpan span,
            @Nullable Grid grid,
            @Nullable FrameTimes expected,
            ClipConsumer consumer) {
        this.video = video;
        this.settings = settings;
        this.span = span;
        this.grid = grid;
        this.expected = expected;
        this.scaler = new FrameScaler(settings.shape(), video.pixelAspect(), video.orientation());
        this.cutter = new WindowCutter(settings, video, scaler, consumer);
    }

    /**
     * Decodes until the last clip wanted.
     *
     * @param start there must be a first frame, shown no later; or {@link #ANYWHERE}
     * @return false, with nothing given to the consumer, where frames are not as expected
     * @throws Unreadable where there is no clip, or frames cannot be decoded
     */
    boolean run(long start) throws Unreadable, IOException {
        try {
            if (!decode(start)) {
                return false;
            }
        } catch (Unreadable e) {
            if (start == ANYWHERE || cutter.windows() > 0) {
                throw e;
            }
            return false; // what the container calls a key frame may build on frames before it
        }
        if (cutter.windows() > 0) {
            return true;
        }
        if (expected != null) {
            return false;
        }
        throw settings.fps() == 0
                ? Grid.tooFewFrames(number + 1, settings)
                : Grid.tooFewSeconds((end - firstTime) * video.info().tick(), settings);
    }

    private boolean decode(long start) throws Unreadable, IOException {
        boolean more = video.next(next);
        if (start != ANYWHERE && (!more || next.time() > start)) {
            return false;
        }
        for (; more && !span.isAfter(next.time()); more = video.next(next)) {
            if (span.isBefore(next.time())) {
                continue;
            }
            if (takeShown((double) next.time())) {
                return true;
            }
            if (!show()) {
                return false;
            }
        }
        takeShown(end);
        return true;
    }

    private boolean takeShown(double until) throws Unreadable, IOException {
        return number >= 0 && grid != null && cutter.take(grid, shown, number, until);
    }

    /** Puts the next frame on screen; false where it is none of those expected. */
    private boolean show() {
        long following = expected == null ? number + 1 : expected.numberOf(next.time());
        if (following < 0 || (number >= 0 && following != number + 1)) {
            return false;
        }
        number = following;
        if (grid == null) {
            firstTime = next.time();
            grid = Grid.fromFirst(settings, firstTime, video);
        }
        end = Math.min((double) next.time() + next.duration(), span.end());
        DecodedFrame before = shown;
        shown = next;
        next = before;
        return true;
    }

    @Override
    public void close() {
        next.close();
        shown.close();
        scaler.close();
    }
}
