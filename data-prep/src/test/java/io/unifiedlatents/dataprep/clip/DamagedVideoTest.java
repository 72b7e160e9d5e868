package io.unifiedlatents.dataprep.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.SampleShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DamagedVideoTest {
    private static final SampleShape SHAPE = new SampleShape(8, 32, 32, 3);
    private static final ClipSettings ALL = new ClipSettings(SHAPE, 1, 0, ClipOffset.ALL, 0);
    private static final ClipSettings CENTRE = new ClipSettings(SHAPE, 1, 0, ClipOffset.CENTRE, 0);
    private static final ClipSettings TIMED = new ClipSettings(SHAPE, 1, 10, ClipOffset.RANDOM, 0);
    private static final Set<String> CLASSES = Set.of(
            "format not supported",
            "no video stream",
            "codec not supported",
            "damaged video",
            "too large",
            "odd shape",
            "too short",
            "took too long");

    /** Ample for samples of some 10 ms; a file that needs more would be caught by it. */
    private static final VideoLimits LIMITS = new VideoLimits(1 << 22, Duration.ofSeconds(20));

    static List<String> samples() {
        return Samples.ALL;
    }

    /** Reads and gives the class of the error, or {@code "read"}. Anything but {@link Unreadable} fails the test. */
    private static String outcome(byte[] file, ClipSettings settings) throws IOException {
        try {
            ClipReader.read(file, settings, "id", null, LIMITS, clip -> {});
            return "read";
        } catch (Unreadable e) {
            String kind = String.valueOf(e.getMessage()).replaceFirst(":.*", "");
            assertThat(CLASSES).as(e.getMessage()).contains(kind);
            return kind;
        }
    }

    private static byte[] flipped(byte[] file, SplittableRandom random) {
        byte[] damaged = file.clone();
        int flips = 1 + random.nextInt(20);
        for (int i = 0; i < flips; i++) {
            int within = random.nextBoolean() ? damaged.length : Math.min(2048, damaged.length); // or in the header
            damaged[random.nextInt(within)] ^= (byte) (1 << random.nextInt(8));
        }
        return damaged;
    }

    private static Set<String> mutate(String name, int times, long seed) throws IOException {
        byte[] file = Samples.bytes(name);
        SplittableRandom random = new SplittableRandom(seed);
        Set<String> outcomes = new TreeSet<>();
        List<ClipSettings> settings = List.of(ALL, CENTRE, TIMED);
        for (int i = 0; i < times; i++) {
            byte[] damaged =
                    random.nextInt(4) == 0 ? Arrays.copyOf(file, random.nextInt(file.length)) : flipped(file, random);
            outcomes.add(outcome(damaged, settings.get(i % settings.size())));
        }
        return outcomes;
    }

    @ParameterizedTest
    @MethodSource("samples")
    void damageIsToldAndNothingElseHappens(String name) throws IOException {
        assertThat(mutate(name, 60, 1))
                .isNotEqualTo(Set.of("read")); // flipped bits of VP8 or Theora may pass for others
    }

    /** As above many times more, and nothing may be left behind by files that fail half-way. */
    @Test
    @Tag("soak")
    void memoryDoesNotGrowOverDamagedFiles() throws IOException {
        for (String name : Samples.ALL) {
            mutate(name, 300, 2);
        }
        long before = nativeKilobytes();
        for (int round = 3; round < 10; round++) {
            for (String name : Samples.ALL) {
                mutate(name, 300, round);
            }
        }
        long growth = nativeKilobytes() - before;
        System.out.printf("23,100 damaged files: memory outside of the heap grew by %d kB%n", growth);
        assertThat(growth).isLessThan(100_000); // 5 kB a file would be more
    }

    /** Resident memory without what the heap has taken. */
    private static long nativeKilobytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""))
                        - Runtime.getRuntime().totalMemory() / 1024;
            }
        }
        throw new IllegalStateException("no VmRSS in /proc/self/status");
    }

    @Test
    void aTruncatedFileIsDamagedOrShort() throws IOException {
        byte[] file = Samples.bytes("h264.mp4"); // its index comes first
        assertThat(outcome(Arrays.copyOf(file, file.length / 2), ALL)).isEqualTo("damaged video");
        assertThat(outcome(Arrays.copyOf(file, 200), ALL)).isEqualTo("no video stream");
        assertThat(outcome(new byte[0], ALL)).isEqualTo("format not supported");
        byte[] webm = Samples.bytes("vp9.webm");
        assertThat(outcome(Arrays.copyOf(webm, webm.length / 10), ALL)).isEqualTo("too short");
    }

    @Test
    void framesBeforeTheDamageCanBeRead() throws Unreadable {
        byte[] file = Samples.bytes("h264.mp4");
        byte[] half = Arrays.copyOf(file, file.length / 2);
        ClipSettings first = new ClipSettings(SHAPE, 1, 0, ClipOffset.START, 0);
        assertThat(ClipReader.read(half, first, "id", null).get(0).pixels())
                .isEqualTo(ClipReader.read(file, first, "id", null).get(0).pixels());
    }

    @Test
    void soundAloneIsNoVideo() {
        assertThatThrownBy(() -> Samples.read("sound-only.mp4", ALL))
                .isInstanceOf(Unreadable.class)
                .hasMessage("no video stream: the file has 1 streams, none with frames");
    }

    @Test
    void picturesAndTextsAreNoVideos() throws IOException {
        assertThat(outcome(Samples.bytes("h264.mp4.png"), ALL)).isEqualTo("format not supported");
        assertThat(outcome("hello, world\n".repeat(100).getBytes(StandardCharsets.UTF_8), ALL))
                .isEqualTo("format not supported");
    }

    /** FFmpeg would open the files that these name. */
    @Test
    void listsOfOtherFilesAreNotFollowed(@TempDir Path directory) throws IOException {
        Path secret = Files.write(directory.resolve("secret.mp4"), Samples.bytes("h264.mp4"));
        String playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://%s\n#EXT-X-ENDLIST\n";
        String concat = "ffconcat version 1.0\nfile '%s'\n";
        for (String list : List.of(playlist, concat)) {
            assertThat(outcome(list.formatted(secret).getBytes(StandardCharsets.UTF_8), ALL))
                    .isEqualTo("format not supported");
        }
    }

    @Test
    void framesThatAreTooLargeAreNotDecoded() {
        assertThatThrownBy(() -> ClipReader.read(
                        Samples.bytes("h264.mp4"),
                        ALL,
                        "id",
                        null,
                        new VideoLimits(224 * 126 - 1, Duration.ofSeconds(20)),
                        clip -> {}))
                .hasMessage("too large: frames of 224 x 126 pixels, at most 28223 pixels are decoded");
        byte[] gif = ByteBuffer.allocate(64)
                .put("GIF89a".getBytes(StandardCharsets.US_ASCII))
                .put(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF})
                .array();
        assertThatThrownBy(() -> ClipReader.read(gif, ALL, "id", null))
                .hasMessageStartingWith("too large: frames of 65535 x 65535 pixels");
    }

    /** The container says 224 x 126, the JPEG in it 65,500 x 65,500. */
    @Test
    void framesThatAreLargerThanTheContainerSaysAreNotDecoded() {
        byte[] file = Samples.bytes("mjpeg.avi");
        for (int i = 0; i + 9 < file.length; i++) {
            if ((file[i] & 0xFF) == 0xFF && (file[i + 1] & 0xFF) == 0xC0 && file[i + 4] == 8) { // start of frame
                ByteBuffer.wrap(file).putShort(i + 5, (short) 65_500).putShort(i + 7, (short) 65_500);
            }
        }
        assertThatThrownBy(() -> ClipReader.read(file, ALL, "id", null))
                .isInstanceOf(Unreadable.class)
                .hasMessageMatching("(damaged video|too large):.*");
    }
}
