package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.ClipOffset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Video files to clips.
 *
 * <p>Frames are decoded one by one and only those of a clip are scaled and kept. {@link ClipOffset#START} decodes to
 * the end of its window and one frame more, {@link ClipOffset#ALL} decodes each frame once. {@link ClipOffset#CENTRE}
 * and {@link ClipOffset#RANDOM} have to know all frames first: where the container tells their times, packets are read
 * without being decoded and decoding begins at the key frame before the window, or at the start of the video where that
 * frame turns out to be none; all frames up to the window's end must bear the times told. Else, and where they do not,
 * the video is decoded once to count and again from its start. Of a {@link Span} only what follows the key frame before
 * it is decoded, where the format can go there.
 */
public final class ClipReader {
    /** Name of how frames become squares, for footers and config hashes; a change of the pixels must change it. */
    public static final String TRANSFORM = "swscale-bicubic-centre-crop-1";

    private final byte[] file;
    private final ClipSettings settings;
    private final @Nullable Span span;
    private final VideoLimits limits;
    private final ClipConsumer consumer;
    private final Deadline deadline;

    private ClipReader(
            byte[] file, ClipSettings settings, @Nullable Span span, VideoLimits limits, ClipConsumer consumer) {
        this.file = file;
        this.settings = settings;
        this.span = span;
        this.limits = limits;
        this.consumer = consumer;
        this.deadline = new Deadline(limits.time());
    }

    /**
     * Reads the clips of a video into memory.
     *
     * @see #read(byte[], ClipSettings, String, Span, VideoLimits, ClipConsumer)
     */
    public static List<Clip> read(byte[] file, ClipSettings settings, String sampleId, @Nullable Span span)
            throws Unreadable {
        List<Clip> clips = new ArrayList<>();
        try {
            read(file, settings, sampleId, span, VideoLimits.DEFAULT, clips::add);
        } catch (IOException e) {
            throw new IllegalStateException("nothing was written", e);
        }
        return clips;
    }

    /**
     * Reads the clips of a video one by one.
     *
     * @param file bytes of the file, not changed
     * @param sampleId of the video, key of {@link ClipOffset#RANDOM}
     * @param span the part of the video that is meant; null for all of it
     * @param consumer is given at least one clip; it may have been given some when this fails
     * @return what the header says
     * @throws Unreadable where the file is no video, is damaged as far as it had to be decoded, is too short for one
     *     window, or exceeds the limits
     * @throws IOException where the consumer fails
     */
    public static VideoInfo read(
            byte[] file,
            ClipSettings settings,
            String sampleId,
            @Nullable Span span,
            VideoLimits limits,
            ClipConsumer consumer)
            throws Unreadable, IOException {
        return new ClipReader(file, settings, span, limits, consumer).read(sampleId);
    }

    private VideoInfo read(String sampleId) throws Unreadable, IOException {
        return switch (settings.offset()) {
            case START, ALL -> readFromFirst();
            case CENTRE, RANDOM -> readWithin(sampleId);
        };
    }

    private VideoFile open() throws Unreadable {
        return VideoFile.open(file, limits, deadline);
    }

    private VideoInfo readFromFirst() throws Unreadable, IOException {
        if (span != null && span.start() > 0) {
            try (VideoFile video = open()) {
                long start = (long) Math.floor(video.ticks(span.start()));
                if (video.seek(start) && readFrames(video, null, null, start)) {
                    return video.info();
                }
            }
        }
        try (VideoFile video = open()) {
            readFrames(video, null, null, FramePass.ANYWHERE);
            return video.info();
        }
    }

    private VideoInfo readWithin(String sampleId) throws Unreadable, IOException {
        FrameTimes times;
        Grid grid;
        try (VideoFile video = open()) {
            FrameTimes told = video.packetTimes();
            if (told == null) {
                return readCounted(sampleId);
            }
            times = told.within(TickSpan.of(span, video));
            grid = Grid.within(settings, sampleId, times, video);
            long start = grid.start(times);
            if (video.seek(start) && readFrames(video, grid, times, start)) {
                return video.info();
            }
        }
        try (VideoFile video = open()) {
            return readFrames(video, grid, times, FramePass.ANYWHERE) ? video.info() : readCounted(sampleId);
        }
    }

    private VideoInfo readCounted(String sampleId) throws Unreadable, IOException {
        Grid grid;
        try (VideoFile video = open()) {
            FrameTimes times = decodedTimes(video).within(TickSpan.of(span, video));
            grid = Grid.within(settings, sampleId, times, video);
        }
        try (VideoFile video = open()) {
            readFrames(video, grid, null, FramePass.ANYWHERE);
            return video.info();
        }
    }

    private static FrameTimes decodedTimes(VideoFile video) throws Unreadable {
        var times = new FrameTimes.Builder();
        try (DecodedFrame frame = new DecodedFrame()) {
            while (video.next(frame)) {
                times.add(frame.time(), frame.duration());
            }
        }
        return times.build();
    }

    private boolean readFrames(VideoFile video, @Nullable Grid grid, @Nullable FrameTimes expected, long start)
            throws Unreadable, IOException {
        try (FramePass pass = new FramePass(video, settings, TickSpan.of(span, video), grid, expected, consumer)) {
            return pass.run(start);
        }
    }
}
