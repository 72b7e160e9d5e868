package io.unifiedlatents.dataprep.clip;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/** A frame in the decoder's own pixel format, filled again and again; times in ticks of the stream. */
final class DecodedFrame implements AutoCloseable {
    private final AVFrame frame = avutil.av_frame_alloc();
    private long time;
    private long duration;

    AVFrame frame() {
        return frame;
    }

    /** When it is shown. */
    long time() {
        return time;
    }

    /** For how long, at least one tick. */
    long duration() {
        return duration;
    }

    void shownAt(long start, long ticks) {
        this.time = start;
        this.duration = ticks;
    }

    @Override
    public void close() {
        avutil.av_frame_free(frame);
    }
}
