package io.unifiedlatents.dataprep.clip;

import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/** The packets of the one video stream of a file in memory that is worth decoding. */
final class Container implements AutoCloseable {
    /** Demuxers that read only the file they are given; playlists and the like could name others. */
    private static final String FORMATS =
            "mov,matroska,avi,mpeg,mpegvideo,mpegts,ogg,flv,asf,ivf,h264,hevc,m4v,obu,gif";

    private static final int LONGEST_SHAPE = 16;

    private final MemoryInput input;
    private final VideoLimits limits;
    private final Deadline deadline;
    private final AVFormatContext format;
    private final AVPacket packet;
    private final AVStream stream;

    /** Reads headers and as many packets as it takes to know the streams. */
    Container(byte[] file, VideoLimits limits, Deadline deadline) throws Unreadable {
        Ffmpeg.load();
        this.limits = limits;
        this.deadline = deadline;
        this.input = new MemoryInput(file, deadline);
        this.format = avformat.avformat_alloc_context();
        this.packet = avcodec.av_packet_alloc();
        boolean opened = false;
        try {
            openInput();
            requireSmallFrames(); // before find_stream_info decodes any
            findStreamInfo();
            requireSmallFrames(); // formats that tell the size only in packets
            this.stream = pickStream();
            for (int i = 0; i < format.nb_streams(); i++) {
                format.streams(i).discard(i == stream.index() ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_ALL);
            }
            opened = true;
        } finally { // native memory is freed whatever is thrown, errors as well
            if (!opened) {
                close();
            }
        }
    }

    private void openInput() throws Unreadable {
        format.pb(input.context());
        AVDictionary options = new AVDictionary((Pointer) null);
        avutil.av_dict_set(options, "format_whitelist", FORMATS, 0);
        avutil.av_dict_set(options, "protocol_whitelist", "none", 0);
        int code = avformat.avformat_open_input(format, (String) null, null, options);
        avutil.av_dict_free(options);
        if (code < 0) {
            format.setNull(); // it has been freed
            deadline.check();
            throw new Unreadable("format not supported: no known container begins here (" + Ffmpeg.error(code) + ")");
        }
    }

    private void findStreamInfo() throws Unreadable {
        int streams = format.nb_streams();
        try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
            for (int i = 0; i < streams; i++) {
                AVDictionary option = new AVDictionary((Pointer) null);
                avutil.av_dict_set(option, "max_pixels", Long.toString(limits.maxPixels()), 0);
                options.put(i, option);
            }
            int code = avformat.avformat_find_stream_info(format, options);
            for (int i = 0; i < streams; i++) {
                AVDictionary left = options.get(AVDictionary.class, i);
                if (left != null) {
                    avutil.av_dict_free(left);
                }
            }
            if (code < 0) {
                throw damaged("streams not found", code);
            }
        }
        deadline.check();
    }

    private void requireSmallFrames() throws Unreadable {
        for (int i = 0; i < format.nb_streams(); i++) {
            AVCodecParameters parameters = format.streams(i).codecpar();
            int width = parameters.width();
            int height = parameters.height();
            if (isVideo(i) && (long) width * height > limits.maxPixels()) {
                throw new Unreadable("too large: frames of %d x %d pixels, at most %d pixels are decoded"
                        .formatted(width, height, limits.maxPixels()));
            }
        }
    }

    private boolean isVideo(int index) {
        return format.streams(index).codecpar().codec_type() == avutil.AVMEDIA_TYPE_VIDEO;
    }

    private AVStream pickStream() throws Unreadable {
        int best = avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
        if (best >= 0 && isPicture(best)) {
            best = IntStream.range(0, format.nb_streams())
                    .filter(i -> isVideo(i) && !isPicture(i))
                    .findFirst()
                    .orElse(-1);
        }
        if (best < 0) {
            throw new Unreadable("no video stream: the file has " + format.nb_streams() + " streams, none with frames");
        }
        AVStream picked = format.streams(best);
        int width = picked.codecpar().width();
        int height = picked.codecpar().height();
        if (width <= 0 || height <= 0) {
            throw new Unreadable("damaged video: its frames have no size");
        }
        requireShape(width, height);
        return picked;
    }

    /** Whether a stream is a single attached picture, such as the cover of a piece of music. */
    private boolean isPicture(int index) {
        return (format.streams(index).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0;
    }

    /** Refuses frames that would not fit in memory once they are scaled to cover the shape of a clip. */
    static void requireShape(double width, double height) throws Unreadable {
        if (Math.max(width, height) > LONGEST_SHAPE * Math.min(width, height)) {
            throw new Unreadable(
                    "odd shape: %.0f x %.0f pixels, at most %d to 1 is scaled".formatted(width, height, LONGEST_SHAPE));
        }
    }

    AVStream stream() {
        return stream;
    }

    /** Seconds of one tick of the stream's timestamps. */
    double tick() {
        return avutil.av_q2d(stream.time_base());
    }

    /** Timestamp at which the file starts, in seconds: the earliest of all its streams. */
    double startSeconds() {
        return format.start_time() == avutil.AV_NOPTS_VALUE ? 0 : format.start_time() / (double) avutil.AV_TIME_BASE;
    }

    /** Average frames a second, 0 where unknown. */
    double fps() {
        AVRational average = stream.avg_frame_rate();
        AVRational rate = average.num() > 0 && average.den() > 0 ? average : stream.r_frame_rate();
        return rate.num() > 0 && rate.den() > 0 ? avutil.av_q2d(rate) : 0;
    }

    /** Width of a pixel over its height. */
    double pixelAspect() {
        AVRational aspect = avformat.av_guess_sample_aspect_ratio(format, stream, null);
        return aspect.num() > 0 && aspect.den() > 0 ? avutil.av_q2d(aspect) : 1;
    }

    /** Duration, 0 where unknown. */
    double seconds() {
        if (stream.duration() != avutil.AV_NOPTS_VALUE) {
            return stream.duration() * tick();
        }
        return format.duration() == avutil.AV_NOPTS_VALUE ? 0 : format.duration() / (double) avutil.AV_TIME_BASE;
    }

    /**
     * The stream's next packet that is not empty, in the order of the file, or null at its end. It is this container's
     * own and holds until the next call.
     */
    @Nullable
    AVPacket next() throws Unreadable {
        while (true) {
            deadline.check();
            avcodec.av_packet_unref(packet);
            int code = avformat.av_read_frame(format, packet);
            if (code == avutil.AVERROR_EOF()) {
                return null;
            }
            if (code < 0) {
                throw damaged("a packet cannot be read", code);
            }
            if (packet.stream_index() == stream.index()
                    && packet.size() > 0) { // Theora repeats a frame by an empty one
                return packet;
            }
        }
    }

    /** Goes to the last key frame at or before the timestamp, as far as the format can tell; says whether it could. */
    boolean seek(long ticks) {
        return avformat.av_seek_frame(format, stream.index(), ticks, avformat.AVSEEK_FLAG_BACKWARD) >= 0;
    }

    /** The error for a negative return code: time is up, or the bytes are damaged. */
    Unreadable damaged(String what, int code) throws Unreadable {
        deadline.check();
        return new Unreadable("damaged video: " + what + " (" + Ffmpeg.error(code) + ")");
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        if (!format.isNull()) {
            avformat.avformat_close_input(format);
        }
        input.close();
    }
}
