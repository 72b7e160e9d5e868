package io.unifiedlatents.tests.benchmarks;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.dataprep.clip.ClipReader;
import io.unifiedlatents.dataprep.clip.ClipSettings;
import io.unifiedlatents.dataprep.clip.VideoLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads videos in a process of its own: told a file and a side, it answers with frames and nanoseconds. */
final class ClipProcess {
    private ClipProcess() {}

    /** Starts it on one core, with the heap that a task of an executor may have. */
    static Peer start(Path directory, int core) throws IOException {
        return new Peer(
                directory.resolve("errors"),
                List.of(
                        "taskset",
                        "-c",
                        Integer.toString(core),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClipProcess.class.getName()));
    }

    public static void main(String[] args) throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] command = line.split("\t");
            long start = System.nanoTime();
            byte[] file = Files.readAllBytes(Path.of(command[0]));
            int side = Integer.parseInt(command[1]);
            SampleShape frame = SampleShape.picture(side, side); // every frame, one at a time
            ClipSettings settings = new ClipSettings(frame, 1, 0, ClipOffset.ALL, 0);
            int[] frames = {0};
            ClipReader.read(file, settings, "id", null, VideoLimits.DEFAULT, clip -> frames[0]++);
            System.out.println("answer " + frames[0] + " " + (System.nanoTime() - start));
        }
    }
}
