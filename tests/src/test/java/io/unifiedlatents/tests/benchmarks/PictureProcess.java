package io.unifiedlatents.tests.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.dataprep.picture.PictureDecoder;
import io.unifiedlatents.dataprep.picture.PictureTransform;
import io.unifiedlatents.dataprep.picture.Unreadable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Our side of {@link PictureBenchmark} in a process of its own, with the commands of pillow_pictures.py. */
final class PictureProcess {
    private static final PictureTransform TRANSFORM =
            PictureTransform.named("centre-crop", PictureBenchmark.SIDE, PictureBenchmark.SIDE, 0);

    private PictureProcess() {}

    static Peer start(Path directory, List<String> prefix) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path"), PictureProcess.class.getName()));
        return new Peer(directory.resolve("our-errors"), command);
    }

    public static void main(String[] args) throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println(PictureDecoder.libraries());
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] command = line.split("\t");
            List<byte[]> files = read(Path.of(command[1]));
            System.out.println(command[0].equals("digests") ? digests(files) : measure(files));
        }
    }

    private static List<byte[]> read(Path directory) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> paths = Files.list(directory)) {
            for (Path path : paths.sorted().toList()) {
                files.add(Files.readAllBytes(path));
            }
        }
        return files;
    }

    private static byte[] picture(byte[] file) throws Unreadable {
        return ImageCodec.encodePng(TRANSFORM.apply(PictureDecoder.STANDARD.decode(file), ""));
    }

    private static String measure(List<byte[]> files) throws Unreadable {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long wall = System.nanoTime();
        long cpu = system.getProcessCpuTime();
        long bytes = 0;
        for (byte[] file : files) {
            bytes += picture(file).length;
        }
        return (System.nanoTime() - wall) / 1e9 + " " + (system.getProcessCpuTime() - cpu) / 1e9 + " " + bytes;
    }

    private static String digests(List<byte[]> files) throws IOException, Unreadable {
        List<String> digests = new ArrayList<>();
        for (byte[] file : files) {
            digests.add(Hashes.sha256(ImageCodec.decode(picture(file)).pixels()));
        }
        return String.join(" ", digests);
    }
}
