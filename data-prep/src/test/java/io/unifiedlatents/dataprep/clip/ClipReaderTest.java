package io.unifiedlatents.dataprep.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipReaderTest {
    private static final int SIDE = 64;
    private static final int FRAME_BYTES = 3 * SIDE * SIDE;
    private static final int[] GOLDEN_FRAMES = {0, 7, 20, 30};

    /** ffprobe prints seconds to a microsecond; two of them are subtracted. */
    private static final double PRINTED = 1.5e-6;

    static List<String> timed() {
        return Samples.ALL.stream().filter(name -> !name.equals("stream.h264")).toList();
    }

    static List<String> scaled() {
        return timed().stream().filter(name -> !name.equals("sound.mp4")).toList();
    }

    private static SampleShape squares(int frames, int side) {
        return new SampleShape(frames, side, side, 3);
    }

    private static ClipSettings strided(int frames, int stride, ClipOffset offset) {
        return new ClipSettings(squares(frames, SIDE), stride, 0, offset, 1);
    }

    private static ClipSettings timed(int frames, double fps, ClipOffset offset) {
        return new ClipSettings(squares(frames, SIDE), 1, fps, offset, 1);
    }

    /** All frames of a sample in one clip. */
    private static Clip whole(String name) throws Unreadable {
        return Samples.read(name, Samples.first(Samples.probed(name).size(), SIDE))
                .get(0);
    }

    /** Numbers of the frames that a clip is made of, found by their times. */
    private static List<Integer> numbers(Clip clip, Clip whole) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < clip.shape().frames(); i++) {
            int number = Arrays.binarySearch(whole.seconds(), clip.seconds()[i]);
            assertThat(number).as("frame %d at %f s", i, clip.seconds()[i]).isNotNegative();
            assertThat(frame(clip, i)).as("pixels of frame %d", i).isEqualTo(frame(whole, number));
            numbers.add(number);
        }
        return numbers;
    }

    private static byte[] frame(Clip clip, int index) {
        return Arrays.copyOfRange(clip.pixels(), index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
    }

    private static List<Integer> every(int stride, int first, int count) {
        return IntStream.range(0, count).mapToObj(i -> first + i * stride).toList();
    }

    @ParameterizedTest
    @MethodSource("timed")
    void timesOfAllFramesAreThoseOfFfprobe(String name) throws Unreadable {
        List<Double> probed = Samples.probedSeconds(name);
        Clip clip = whole(name);
        for (int i = 0; i < probed.size(); i++) {
            assertThat(clip.seconds()[i]).as("frame %d", i).isCloseTo(probed.get(i), within(PRINTED));
        }
        int more = probed.size() + 1;
        assertThatThrownBy(() -> Samples.read(name, Samples.first(more, SIDE)))
                .hasMessage("too short: %d frames, a window needs %d", more - 1, more);
    }

    @Test
    void framesWithoutTimestampsFollowAtConstantRate() throws Unreadable {
        Clip clip = whole("stream.h264");
        assertThat(clip.sourceFps()).isEqualTo(25); // assumed by the demuxer; the stream itself tells durations
        for (int i = 0; i < clip.shape().frames(); i++) {
            assertThat(clip.seconds()[i]).isCloseTo(i * 1001 / 30_000.0, within(1e-6));
        }
        assertThat(clip.pixels()).isEqualTo(whole("h264.mp4").pixels());
    }

    /** Both are swscale with the same flags; turned frames are scaled the other way round, which rounds differently. */
    @ParameterizedTest
    @MethodSource("scaled")
    void pixelsAreThoseOfTheFfmpegProgram(String name) throws Unreadable, IOException {
        Clip clip = Samples.read(name, Samples.first(31, SIDE)).get(0);
        Rgb expected = Samples.scaledByProgram(name);
        int largest = 0;
        for (int i = 0; i < expected.pixels().length; i++) {
            int found = GOLDEN_FRAMES[i / FRAME_BYTES] * FRAME_BYTES + i % FRAME_BYTES;
            largest = Math.max(largest, Math.abs((clip.pixels()[found] & 0xFF) - (expected.pixels()[i] & 0xFF)));
        }
        assertThat(largest).isLessThanOrEqualTo(name.equals("rotated.mp4") ? 1 : 0);
    }

    /**
     * Frames of 224 x 126 pixels are scaled to 114 x 64 for squares of 64 and for 96 x 64: the square begins at column
     * 25, the rectangle at column 9. Of the turned video, columns are rows.
     */
    @ParameterizedTest
    @CsvSource({"h264.mp4,64,96", "rotated.mp4,96,64"})
    void aRectangleHasTheSquareInItsMiddle(String name, int height, int width) throws Unreadable {
        SampleShape shape = new SampleShape(3, height, width, 3);
        Clip clip = Samples.read(name, new ClipSettings(shape, 1, 0, ClipOffset.START, 0))
                .get(0);
        byte[] square = Samples.read(name, Samples.first(3, 64)).get(0).pixels();
        assertThat(clip.shape()).isEqualTo(shape);
        assertThat(clip.pixels()).hasSize(shape.values());
        int top = (height - 64) / 2;
        int left = (width - 64) / 2;
        for (int frame = 0; frame < 3; frame++) {
            for (int y = 0; y < 64; y++) {
                int from = 3 * ((frame * height + top + y) * width + left);
                int expected = 3 * 64 * (frame * 64 + y);
                assertThat(Arrays.copyOfRange(clip.pixels(), from, from + 3 * 64))
                        .as("row %d of frame %d", y, frame)
                        .isEqualTo(Arrays.copyOfRange(square, expected, expected + 3 * 64));
            }
        }
    }

    @Test
    void soundChangesNothing() throws Unreadable {
        assertThat(whole("sound.mp4").pixels()).isEqualTo(whole("h264.mp4").pixels());
    }

    @Test
    void headerIsTold() throws Unreadable, IOException {
        VideoInfo info = ClipReader.read(
                Samples.bytes("rotated.mp4"), Samples.first(1, 16), "", null, VideoLimits.DEFAULT, clip -> {});
        assertThat(info.codec()).isEqualTo("h264");
        assertThat(info.width()).isEqualTo(224);
        assertThat(info.height()).isEqualTo(126);
        assertThat(info.rotation()).isEqualTo(270); // ffprobe counts the other way
        assertThat(info.fps()).isEqualTo(30_000 / 1001.0);
        assertThat(info.tick()).isEqualTo(1 / 30_000.0);
        assertThat(info.seconds()).isCloseTo(48 * 1001 / 30_000.0, within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"h264.mp4", "h264.ts", "stream.h264", "vp8.webm", "vp9.webm", "mpeg4.avi", "mjpeg.avi"})
    void windowsByStrideFollowFromTheNumberOfFrames(String name) throws Unreadable {
        Clip whole = whole(name);
        int frames = whole.shape().frames();
        List<Clip> start = Samples.read(name, strided(5, 3, ClipOffset.START));
        assertThat(start).hasSize(1);
        assertThat(numbers(start.get(0), whole)).isEqualTo(every(3, 0, 5));

        List<Clip> centre = Samples.read(name, strided(5, 3, ClipOffset.CENTRE));
        assertThat(centre).hasSize(1);
        assertThat(centre.get(0).firstFrame()).isEqualTo((frames - 13) / 2);
        assertThat(numbers(centre.get(0), whole)).isEqualTo(every(3, (frames - 13) / 2, 5));

        List<Clip> all = Samples.read(name, strided(5, 3, ClipOffset.ALL));
        assertThat(all).hasSize((frames - 13) / 15 + 1);
        for (int w = 0; w < all.size(); w++) {
            assertThat(all.get(w).window()).isEqualTo(w);
            assertThat(all.get(w).firstFrame()).isEqualTo(15L * w);
            assertThat(numbers(all.get(w), whole)).isEqualTo(every(3, 15 * w, 5));
        }
    }

    @Test
    void repeatedFramesOfTheoraAreNoFrames() throws Unreadable {
        Clip whole = whole("theora.ogv");
        Clip centre =
                Samples.read("theora.ogv", strided(8, 2, ClipOffset.CENTRE)).get(0);
        assertThat(numbers(centre, whole)).isEqualTo(every(2, (whole.shape().frames() - 15) / 2, 8));
    }

    @Test
    void aWindowMayTakeAllFrames() throws Unreadable {
        Clip whole = whole("h264.mp4");
        for (ClipOffset offset : ClipOffset.values()) {
            List<Clip> clips = Samples.read("h264.mp4", strided(48, 1, offset));
            assertThat(clips).hasSize(1);
            assertThat(clips.get(0).pixels()).as("%s", offset).isEqualTo(whole.pixels());
        }
    }

    @Test
    void randomWindowsAreKeyedByIdAndReachEveryFrame() throws Unreadable {
        byte[] file = Samples.bytes("h264.mp4");
        ClipSettings settings = new ClipSettings(squares(40, 8), 1, 0, ClipOffset.RANDOM, 7);
        Set<Long> offsets = new HashSet<>();
        for (int id = 0; id < 100; id++) {
            offsets.add(
                    ClipReader.read(file, settings, "video " + id, null).get(0).firstFrame());
        }
        assertThat(offsets).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        Clip clip = ClipReader.read(file, strided(16, 1, ClipOffset.RANDOM), "id", null)
                .get(0);
        Clip again = ClipReader.read(file, strided(16, 1, ClipOffset.RANDOM), "id", null)
                .get(0);
        assertThat(again.pixels()).isEqualTo(clip.pixels());
        assertThat(numbers(clip, whole("h264.mp4"))).isEqualTo(every(1, (int) clip.firstFrame(), 16));
    }

    /** At constant rate r, the frame at time i/f is number ⌊i·r/f⌋. */
    @ParameterizedTest
    @ValueSource(doubles = {5, 10, 15, 24, 30, 50, 100})
    void framesByTimeHaveAClosedFormAtConstantRate(double fps) throws Unreadable {
        Clip whole = whole("h264.mp4");
        double rate = 30_000 / 1001.0;
        int frames = (int) (40 * fps / rate);
        Clip clip =
                Samples.read("h264.mp4", timed(frames, fps, ClipOffset.START)).get(0);
        List<Integer> expected = IntStream.range(0, frames)
                .mapToObj(i -> (int) Math.floor((i / fps + 0.5 / 30_000) * rate))
                .toList();
        assertThat(numbers(clip, whole)).isEqualTo(expected);
        assertThat(clip.stride()).isZero();
        assertThat(clip.fps()).isEqualTo(fps);
    }

    @ParameterizedTest
    @CsvSource({"vfr.mkv, 0.5e-3", "h264.ts, 5.55e-6", "theora.ogv, 0.5e-3", "vp8.webm, 0.5e-3"})
    void framesByTimeAreTheLastOnesShown(String name, double tolerance) throws Unreadable {
        Clip whole = whole(name);
        double fps = 11; // no multiple is near a tie
        List<Clip> clips = Samples.read(name, timed(4, fps, ClipOffset.ALL));
        double end = whole.seconds()[whole.shape().frames() - 1];
        assertThat(clips).hasSizeGreaterThanOrEqualTo((int) ((end * fps - 3) / 4) + 1);
        double first = whole.seconds()[0];
        for (Clip clip : clips) {
            List<Integer> shown = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                double time = first + (4 * clip.window() + i) / fps;
                int number = 0;
                while (number + 1 < whole.shape().frames() && whole.seconds()[number + 1] < time + tolerance) {
                    number++;
                }
                shown.add(number);
            }
            assertThat(numbers(clip, whole)).as("window %d", clip.window()).isEqualTo(shown);
        }
    }

    @Test
    void aWindowByTimeInTheMiddleLeavesAsMuchBeforeAsAfter() throws Unreadable {
        Clip whole = whole("h264.mp4");
        Clip clip = Samples.read("h264.mp4", timed(4, 5, ClipOffset.CENTRE)).get(0);
        double begin = (48 * 1001 / 30_000.0 - 4 / 5.0) / 2;
        List<Integer> expected = IntStream.range(0, 4)
                .mapToObj(i -> (int) ((begin + i / 5.0) * 30_000 / 1001))
                .toList();
        assertThat(numbers(clip, whole)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h264.mp4",
                "h264.ts",
                "stream.h264",
                "vfr.mkv",
                "vp8.webm",
                "vp9.webm",
                "mpeg4.avi",
                "theora.ogv"
            })
    void framesOutsideOfASpanAreNotThere(String name) throws Unreadable {
        Clip whole = whole(name);
        Span span = new Span(0.61, 1.2);
        List<Integer> inside = new ArrayList<>();
        for (int i = 0; i < whole.shape().frames(); i++) {
            if (whole.seconds()[i] >= span.start() && whole.seconds()[i] < span.end()) {
                inside.add(i);
            }
        }
        byte[] file = Samples.bytes(name);
        for (ClipOffset offset : ClipOffset.values()) {
            Clip clip = ClipReader.read(file, strided(inside.size(), 1, offset), "id", span)
                    .get(0);
            assertThat(numbers(clip, whole)).as("%s", offset).isEqualTo(inside);
            assertThat(clip.firstFrame()).isZero();
        }
        assertThatThrownBy(() -> ClipReader.read(file, strided(inside.size() + 1, 1, ClipOffset.ALL), "id", span))
                .hasMessage("too short: %d frames, a window needs %d", inside.size(), inside.size() + 1);
        Clip centre = ClipReader.read(file, strided(4, 1, ClipOffset.CENTRE), "id", span)
                .get(0);
        assertThat(numbers(centre, whole)).isEqualTo(every(1, inside.get(0) + (inside.size() - 4) / 2, 4));
    }

    @Test
    void aSpanAfterTheEndHasNoFrames() {
        byte[] file = Samples.bytes("h264.mp4");
        for (ClipOffset offset : ClipOffset.values()) {
            assertThatThrownBy(() -> ClipReader.read(file, strided(1, 1, offset), "id", new Span(100, 110)))
                    .as("%s", offset)
                    .hasMessage("too short: 0 frames, a window needs 1");
        }
    }

    @Test
    void shortVideosAreNamedSo() {
        for (ClipOffset offset : ClipOffset.values()) {
            assertThatThrownBy(() -> Samples.read("short.mp4", strided(16, 2, offset)))
                    .isInstanceOf(Unreadable.class)
                    .hasMessage("too short: 12 frames, a window needs 31");
            assertThatThrownBy(() -> Samples.read("short.mp4", timed(12, 25, offset)))
                    .hasMessage("too short: 0.400 s, a window needs more than 0.440");
        }
    }

    @Test
    void manyThreadsReadAtOnce() throws Exception {
        byte[] file = Samples.bytes("vp9.webm");
        byte[] expected = whole("vp9.webm").pixels();
        int threads = 24; // more than JavaCPP has room for callbacks
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            Callable<List<Clip>> read = () -> ClipReader.read(file, strided(48, 1, ClipOffset.CENTRE), "id", null);
            List<Future<List<Clip>>> results = new ArrayList<>();
            for (int i = 0; i < 2 * threads; i++) {
                results.add(pool.submit(read));
            }
            for (Future<List<Clip>> result : results) {
                assertThat(result.get().get(0).pixels()).isEqualTo(expected);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void workEndsInTime() {
        VideoLimits none = new VideoLimits(1 << 20, Duration.ZERO);
        assertThatThrownBy(() -> ClipReader.read(
                        Samples.bytes("h264.mp4"), strided(4, 1, ClipOffset.ALL), "id", null, none, clip -> {}))
                .isInstanceOf(Unreadable.class)
                .hasMessage("took too long: not done after 0.0 s");
    }

    @Test
    void aConsumerThatFailsEndsTheWork() {
        IOException full = new IOException("disk full");
        assertThatThrownBy(() -> ClipReader.read(
                        Samples.bytes("h264.mp4"),
                        strided(4, 1, ClipOffset.ALL),
                        "id",
                        null,
                        VideoLimits.DEFAULT,
                        clip -> {
                            throw full;
                        }))
                .isSameAs(full);
    }

    @Test
    void settingsThatContradictAreRefused() {
        assertThatThrownBy(() -> new ClipSettings(squares(16, 128), 2, 10, ClipOffset.START, 0))
                .hasMessage("fps=10.0 and stride=2 exclude each other; leave one out");
        assertThatThrownBy(() -> new ClipSettings(squares(1024, 1024), 1, 0, ClipOffset.START, 0))
                .hasMessageStartingWith("a clip of 1024×1024×1024×3 has 3221225472 bytes, at most 1073741824");
    }
}
