package io.unifiedlatents.dataprep.clip;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipReaderTest {
    static List<String> timed() {
        return Samples.ALL.stream().filter(name -> !name.equals("stream.h264")).toList();
    }

    @ParameterizedTest
    @MethodSource("timed")
    void timesOfAllFramesAreThoseOfFfprobe(String name) throws Unreadable {
        List<Double> probed = Samples.probedSeconds(name);
        Clip clip = Samples.read(name, Samples.first(probed.size(), 16)).get(0);
        for (int i = 0; i < probed.size(); i++) {
            assertThat(clip.seconds()[i]).as("frame %d", i).isCloseTo(probed.get(i), Offset.offset(1.5e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h264.mp4",
                "h264.ts",
                "vfr.mkv",
                "vp8.webm",
                "vp9.webm",
                "mpeg4.avi",
                "mjpeg.avi",
                "theora.ogv",
                "rotated.mp4"
            })
    void pixels(String name) throws Unreadable, IOException {
        Clip clip = Samples.read(name, Samples.first(31, 64)).get(0);
        Rgb expected = Samples.scaledByProgram(name);
        int[] frames = {0, 7, 20, 30};
        int n = 3 * 64 * 64;
        int max = 0;
        double sum = 0;
        for (int f = 0; f < 4; f++) {
            for (int i = 0; i < n; i++) {
                int d = Math.abs((clip.pixels()[frames[f] * n + i] & 255) - (expected.pixels()[f * n + i] & 255));
                max = Math.max(max, d);
                sum += d;
            }
        }
        System.out.println(name + " max " + max + " mean " + sum / 4 / n);
        java.nio.file.Files.write(
                java.nio.file.Path.of("/tmp/scratch-c/" + name + ".png"),
                io.unifiedlatents.core.data.ImageCodec.encodePng(new Rgb(64, 64 * 31, clip.pixels())));
    }
}
