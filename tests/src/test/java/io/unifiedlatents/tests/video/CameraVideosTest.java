package io.unifiedlatents.tests.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.dataprep.clip.Clip;
import io.unifiedlatents.dataprep.clip.ClipReader;
import io.unifiedlatents.dataprep.clip.ClipSettings;
import io.unifiedlatents.dataprep.clip.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Needs npm and the ffmpeg program; skipped with the reason where one of them is missing. */
@Tag("network")
class CameraVideosTest {
    private static final int SIDE = 64;
    private static final int FRAMES = 16;
    private static final int CLIP_BYTES = 3 * SIDE * SIDE * FRAMES;

    private static ClipSettings settings(ClipOffset offset) {
        return new ClipSettings(new SampleShape(FRAMES, SIDE, SIDE, 3), 1, 0, offset, 0);
    }

    private static byte[] clip(byte[] frames, int first) {
        int from = first * (CLIP_BYTES / FRAMES);
        return Arrays.copyOfRange(frames, from, from + CLIP_BYTES);
    }

    @Test
    void clipsAreTheFramesOfTheFfmpegProgram() throws Exception {
        for (Path video : CameraVideos.fetch()) {
            byte[] file = Files.readAllBytes(video);
            Process program = new ProcessBuilder(CameraVideos.program(video, SIDE, "-")).start();
            byte[] frames = program.getInputStream().readAllBytes();
            assertThat(program.waitFor()).isZero();
            int count = frames.length / (CLIP_BYTES / FRAMES);

            List<Clip> all = ClipReader.read(file, settings(ClipOffset.ALL), "id", null);
            assertThat(all).as("%s", video).hasSize(count / FRAMES);
            for (Clip clip : all) {
                assertThat(Arrays.equals(clip.pixels(), clip(frames, (int) clip.firstFrame())))
                        .as("%s from frame %d", video, clip.firstFrame())
                        .isTrue();
            }
            Clip centre = ClipReader.read(file, settings(ClipOffset.CENTRE), "id", null)
                    .get(0);
            assertThat(centre.firstFrame()).isEqualTo((count - FRAMES) / 2);
            assertThat(Arrays.equals(centre.pixels(), clip(frames, (count - FRAMES) / 2)))
                    .as("centre of %s", video)
                    .isTrue();

            double start = all.get(3).seconds()[5];
            Clip later = ClipReader.read(file, settings(ClipOffset.START), "id", new Span(start, start + 1))
                    .get(0);
            assertThat(Arrays.equals(later.pixels(), clip(frames, 3 * FRAMES + 5)))
                    .as("%s from %f s", video, start)
                    .isTrue();
        }
    }
}
