package io.unifiedlatents.tests.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unifiedlatents.tests.video.CameraVideos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Frames a second of one core from video files to 128 x 128 RGB, every frame, beside the ffmpeg program on the same
 * core with the same scaling, in turn. Both times include reading the file; the program's, to start it. Speed is
 * printed and never asserted. Run with
 *
 * <pre>
 * mvn -pl tests -am test -Dtest.excluded= -Dtest=ClipBenchmark -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("benchmark")
class ClipBenchmark {
    private static final int SIDE = 128;
    private static final int REPETITIONS = 5;
    private static final int CORE = 0;

    @TempDir
    private Path directory;

    @Test
    void framesASecondOfOneCore() throws Exception {
        List<Path> videos = CameraVideos.fetch();
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/taskset")), "no /usr/bin/taskset");
        System.out.printf(
                "%nFrames/s of one core to %d x %d; medians of %d, in turn with the ffmpeg program%n",
                SIDE, SIDE, REPETITIONS);
        System.out.printf("%-48s %7s %9s %9s %7s%n", "video", "frames", "ours", "program", "ratio");
        try (Peer reader = ClipProcess.start(directory, CORE)) {
            readNanos(reader, videos.get(0)); // to warm up
            double logRatios = 0;
            for (Path video : videos) {
                List<Long> ours = new ArrayList<>();
                List<Long> program = new ArrayList<>();
                long frames = 0;
                for (int i = 0; i < REPETITIONS; i++) {
                    long[] answer = readNanos(reader, video);
                    frames = answer[0];
                    ours.add(answer[1]);
                    program.add(programNanos(video));
                }
                double ratio = (double) median(program) / median(ours);
                logRatios += Math.log(ratio);
                System.out.printf(
                        "%-48s %7d %9.1f %9.1f %7.2f%n",
                        video.getFileName(),
                        frames,
                        frames * 1e9 / median(ours),
                        frames * 1e9 / median(program),
                        ratio);
            }
            System.out.printf("geometric mean of ratios %.3f%n", Math.exp(logRatios / videos.size()));
        }
    }

    /** Frames and nanoseconds. */
    private static long[] readNanos(Peer reader, Path video) {
        reader.tell(video + "\t" + SIDE);
        String answer = reader.answer();
        while (!answer.startsWith("answer ")) { // a logger may greet first
            answer = reader.answer();
        }
        return Arrays.stream(answer.split(" "))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private static long programNanos(Path video) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("taskset", "-c", Integer.toString(CORE)));
        command.addAll(CameraVideos.program(video, SIDE, "/dev/null"));
        long start = System.nanoTime();
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        return System.nanoTime() - start;
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
