package io.unifiedlatents.dataprep.clip;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Short videos and what Debian's ffmpeg 5.1 says of them, made by {@code make_samples.sh} beside them. */
final class Samples {
    /** One of each container and codec. */
    static final List<String> ALL = List.of(
            "h264.mp4",
            "h264.ts",
            "stream.h264",
            "vfr.mkv",
            "vp8.webm",
            "vp9.webm",
            "mpeg4.avi",
            "mjpeg.avi",
            "theora.ogv",
            "rotated.mp4",
            "sound.mp4");

    private Samples() {}

    static byte[] bytes(String name) {
        try (InputStream in = Samples.class.getResourceAsStream("/clip/" + name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** Rows of ffprobe: timestamp in ticks and in seconds, each empty where the file has none. */
    static List<String> probed(String name) {
        String[] lines = new String(bytes(name + ".csv"), StandardCharsets.UTF_8).split("\n");
        return List.of(lines).subList(1, lines.length);
    }

    /**
     * Seconds of each frame after the start of the file, as ffprobe prints them, to a microsecond; a frame without
     * follows at constant rate.
     */
    static List<Double> probedSeconds(String name) {
        double start = Double.parseDouble(new String(bytes(name + ".csv"), StandardCharsets.UTF_8).split("\n")[0]);
        List<Double> seconds = new ArrayList<>();
        for (String row : probed(name)) {
            String time = row.split(",")[1];
            seconds.add(
                    time.equals("N/A")
                            ? 2 * seconds.get(seconds.size() - 1)
                                    - seconds.get(seconds.size() - 2) // after the last one
                            : Double.parseDouble(time) - start);
        }
        return seconds;
    }

    /** Frames 0, 7, 20 and 30 by the ffmpeg program, 64 x 64. */
    static Rgb scaledByProgram(String name) throws IOException {
        return ImageCodec.decode(bytes(name + ".png"));
    }

    static List<Clip> read(String name, ClipSettings settings) throws Unreadable {
        return ClipReader.read(bytes(name), settings, name, null);
    }

    /** As many frames as asked for, from the first on. */
    static ClipSettings first(int frames, int resolution) {
        return new ClipSettings(new SampleShape(frames, resolution, resolution, 3), 1, 0, ClipOffset.START, 0);
    }
}
