package io.unifiedlatents.dataprep.clip;

import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A video of unknown origin in memory: its header, and its frames one by one in the order in which they are shown.
 * Decoded by one thread, the caller's. A frame that the decoder had to guess parts of counts as damage. Not for use by
 * several threads at a time.
 *
 * <p>Times are ticks of the stream. Where a frame has no timestamp of its own, FFmpeg's best effort is taken, else the
 * end of the frame before it; a timestamp that does not grow is moved one tick past the one before it. A frame stored
 * as a repetition of the one before it, without bytes of its own, is not a frame.
 */
final class VideoFile implements AutoCloseable {
    private static final double FPS_WHERE_UNKNOWN = 25;
    private static final double MOST_ROUNDED_SECONDS = 0.5e-3; // of Matroska
    private static final long MATRIX_BYTES = 36;
    private static final Set<Integer> FRAME_PER_PACKET = Set.of(
            avcodec.AV_CODEC_ID_H264, avcodec.AV_CODEC_ID_HEVC, avcodec.AV_CODEC_ID_VP9, avcodec.AV_CODEC_ID_MJPEG);

    private final Container container;
    private final Deadline deadline;
    private final VideoInfo info;
    private final Orientation orientation;
    private final AVCodecContext decoder;
    private long framesDecoded;
    private long nextTime; // of a frame without a timestamp
    private long lastTime = Long.MIN_VALUE;
    private boolean draining;
    private boolean awaitsKey; // after a seek, frames before the key frame miss those they build on

    private VideoFile(Container container, VideoLimits limits, Deadline deadline) throws Unreadable {
        this.container = container;
        this.deadline = deadline;
        AVCodecParameters parameters = container.stream().codecpar();
        this.orientation = Orientation.of(displayMatrix(parameters));
        this.info = new VideoInfo(
                avcodec.avcodec_get_name(parameters.codec_id()).getString(),
                parameters.width(),
                parameters.height(),
                orientation.rotation(),
                container.fps(),
                container.tick(),
                container.seconds());
        this.nextTime = Math.round(container.startSeconds() / container.tick());
        AVCodec codec = avcodec.avcodec_find_decoder(parameters.codec_id());
        if (codec == null) {
            throw new Unreadable("codec not supported: no decoder for " + info.codec());
        }
        this.decoder = avcodec.avcodec_alloc_context3(codec);
        avcodec.avcodec_parameters_to_context(decoder, parameters);
        decoder.pkt_timebase(container.stream().time_base());
        decoder.thread_count(1); // executors run one task a core
        decoder.max_pixels(limits.maxPixels());
        decoder.flags(decoder.flags() | avcodec.AV_CODEC_FLAG_BITEXACT);
        int code = avcodec.avcodec_open2(decoder, codec, (AVDictionary) null);
        if (code < 0) {
            avcodec.avcodec_free_context(decoder);
            throw new Unreadable(
                    "codec not supported: the decoder for " + info.codec() + " refuses (" + Ffmpeg.error(code) + ")");
        }
    }

    /**
     * Opens a video.
     *
     * @param file not copied; must not change until this is closed
     * @throws Unreadable where there is nothing to decode, frames are too large or odd, or time is up
     */
    static VideoFile open(byte[] file, VideoLimits limits, Deadline deadline) throws Unreadable {
        Container container = new Container(file, limits, deadline);
        boolean opened = false;
        try {
            VideoFile video = new VideoFile(container, limits, deadline);
            opened = true;
            return video;
        } finally {
            if (!opened) {
                container.close();
            }
        }
    }

    private static @Nullable IntPointer displayMatrix(AVCodecParameters parameters) {
        if (parameters.nb_coded_side_data() == 0) {
            return null;
        }
        AVPacketSideData data = avcodec.av_packet_side_data_get(
                parameters.coded_side_data(), parameters.nb_coded_side_data(), avcodec.AV_PKT_DATA_DISPLAYMATRIX);
        return data == null || data.size() < MATRIX_BYTES ? null : new IntPointer((Pointer) data.data());
    }

    VideoInfo info() {
        return info;
    }

    Orientation orientation() {
        return orientation;
    }

    /** Width of a pixel over its height. */
    double pixelAspect() {
        return container.pixelAspect();
    }

    /** Timestamp in ticks of a time in seconds since the start of the file. */
    double ticks(double seconds) {
        return (seconds + container.startSeconds()) / info.tick();
    }

    /**
     * By how many ticks a timestamp may be late for rounding alone: half a tick, but no more than half a millisecond,
     * since where ticks are as long as frames nothing has been rounded.
     */
    double tolerance() {
        return Math.min(0.5, MOST_ROUNDED_SECONDS / info.tick());
    }

    /** Seconds since the start of the file. */
    double seconds(double ticks) {
        return ticks * info.tick() - container.startSeconds();
    }

    /**
     * Decodes the next frame.
     *
     * @return false at the end of the video
     * @throws Unreadable where bytes are damaged or time is up
     */
    boolean next(DecodedFrame into) throws Unreadable {
        while (true) {
            deadline.check();
            int code = avcodec.avcodec_receive_frame(decoder, into.frame());
            if (code == 0) {
                if (awaitsKey && (!isKey(into.frame()) || !isSound(into.frame()))) {
                    continue;
                }
                awaitsKey = false;
                if (!isSound(into.frame())) {
                    throw new Unreadable("damaged video: parts of frame " + framesDecoded + " are missing");
                }
                stamp(into);
                framesDecoded++;
                return true;
            }
            if (code == avutil.AVERROR_EOF()) {
                return false;
            }
            if (code != org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN() || draining) {
                throw container.damaged("frame " + framesDecoded + " cannot be decoded", code);
            }
            feed();
        }
    }

    private void feed() throws Unreadable {
        AVPacket packet = container.next();
        draining = packet == null;
        if (packet != null && (packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0) {
            throw new Unreadable("damaged video: a packet after frame " + framesDecoded + " is not whole");
        }
        int code = avcodec.avcodec_send_packet(decoder, packet);
        if (code < 0) {
            throw container.damaged("a packet after frame " + framesDecoded + " cannot be decoded", code);
        }
    }

    private static boolean isKey(AVFrame frame) {
        return (frame.flags() & AVFrame.AV_FRAME_FLAG_KEY) != 0;
    }

    private static boolean isSound(AVFrame frame) {
        return (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) == 0 && frame.decode_error_flags() == 0;
    }

    private void stamp(DecodedFrame decoded) {
        AVFrame frame = decoded.frame();
        long time = frame.best_effort_timestamp();
        if (time == avutil.AV_NOPTS_VALUE) {
            time = nextTime;
        }
        if (lastTime != Long.MIN_VALUE && time <= lastTime) {
            time = lastTime + 1;
        }
        long duration = frame.duration() > 0 ? frame.duration() : usualDuration();
        decoded.shownAt(time, duration);
        lastTime = time;
        nextTime = time + duration;
    }

    private long usualDuration() {
        return Math.max(1, Math.round(1 / ((info.fps() > 0 ? info.fps() : FPS_WHERE_UNKNOWN) * info.tick())));
    }

    /**
     * The times of all frames as the container tells them, without decoding, for formats and codecs where one packet is
     * one frame; null where that cannot be relied on. Reads to the end of the file: {@link #seek} before decoding.
     */
    @Nullable
    FrameTimes packetTimes() throws Unreadable {
        if (!FRAME_PER_PACKET.contains(container.stream().codecpar().codec_id())) {
            return null;
        }
        var times = new FrameTimes.Builder();
        for (AVPacket packet = container.next(); packet != null; packet = container.next()) {
            if (packet.pts() == avutil.AV_NOPTS_VALUE || (packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0) {
                return null;
            }
            if ((packet.flags() & avcodec.AV_PKT_FLAG_DISCARD) == 0) {
                times.add(packet.pts(), packet.duration() > 0 ? packet.duration() : usualDuration());
            }
        }
        FrameTimes sorted = times.build();
        return sorted.distinct() ? sorted : null;
    }

    /**
     * Goes to the last key frame at or before a timestamp, as far as the format can tell: look at the time of the frame
     * that comes next, which is a key frame.
     *
     * @return false where the format cannot; then nothing more can be read
     */
    boolean seek(long ticks) {
        if (!container.seek(ticks)) {
            return false;
        }
        avcodec.avcodec_flush_buffers(decoder);
        draining = false;
        awaitsKey = true;
        lastTime = Long.MIN_VALUE;
        return true;
    }

    @Override
    public void close() {
        avcodec.avcodec_free_context(decoder);
        container.close();
    }
}
