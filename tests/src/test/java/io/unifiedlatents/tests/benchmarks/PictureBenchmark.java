package io.unifiedlatents.tests.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.dataprep.picture.PictureDecoder;
import io.unifiedlatents.tests.resnet.Downloads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pictures a second of one core from file to PNG: decode, ADM's centre crop to 512, encode; beside Pillow doing the
 * same at several PNG levels, in turn on the same core. That both make the same pixels is asserted, speed is printed.
 * Run with
 *
 * <pre>
 * mvn -pl tests -am test -Dtest.excluded= -Dtest=PictureBenchmark \
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("benchmark")
class PictureBenchmark {
    static final int SIDE = 512;

    private static final String SHA_256 = "9908ff60bd62b03529d46b1e45f7dad23fe1ffe406baf7a29f1154bb20964d5a";
    private static final int PICTURES = 32;
    private static final int WARM_UP = 5;
    private static final int REPETITIONS = 3;
    private static final List<String> PIN = List.of("taskset", "-c", "0");
    private static final int DEFAULT_LEVEL = 6;
    private static final List<Integer> LEVELS = List.of(1, 2, 3, DEFAULT_LEVEL);

    @TempDir
    private Path directory;

    @Test
    void picturesASecondOfOneCore() throws Exception {
        assumeTrue(Files.isExecutable(Peer.PYTHON), "no " + Peer.PYTHON);
        Path webp = Files.createDirectory(directory.resolve("webp"));
        Path jpeg = Files.createDirectory(directory.resolve("jpeg"));
        copyPictures(webp);
        reencode(webp, jpeg);
        List<String> pillowCommand = new ArrayList<>(PIN);
        pillowCommand.add(Peer.PYTHON.toString());
        pillowCommand.add(Peer.script("pillow_pictures.py", directory).toString());
        try (Peer ours = PictureProcess.start(directory, PIN);
                Peer pillow = new Peer(directory.resolve("pillow-errors"), pillowCommand)) {
            System.out.printf("%nOurs: %s; Pillow %s%n", ours.answer(), pillow.answer());
            for (Path inputs : List.of(webp, jpeg)) {
                assertThat(ours.ask("digests\t" + inputs)).isEqualTo(pillow.ask("digests\t" + inputs));
                compare(inputs, ours, pillow);
            }
        }
    }

    private static void compare(Path inputs, Peer ours, Peer pillow) {
        Contender we = new Contender("ours", ours, 0);
        List<Contender> all = new ArrayList<>(List.of(we));
        LEVELS.forEach(level -> all.add(
                new Contender("Pillow, level " + level + (level == DEFAULT_LEVEL ? ", default" : ""), pillow, level)));
        for (int i = 0; i < WARM_UP; i++) {
            we.measure(inputs); // compilers warm up
        }
        we.rates.clear();
        for (int i = 0; i < REPETITIONS; i++) { // in turn, so that a busy second of the machine meets all
            all.forEach(contender -> contender.measure(inputs));
        }
        System.out.printf(
                "%s, %d files%n%-24s %10s %10s %12s %14s%n",
                inputs.getFileName(), PICTURES, "", "img/s", "img/CPU s", "bytes a PNG", "ours / it, CPU");
        for (Contender contender : all) {
            System.out.printf(
                    "%-24s %10.1f %10.1f %12d %14.2f%n",
                    contender.name,
                    contender.median(0),
                    contender.median(1),
                    Math.round(contender.median(2)),
                    we.median(1) / contender.median(1));
        }
    }

    /** Answers hold seconds of wall clock, seconds of CPU and bytes of all PNGs. */
    private record Contender(String name, Peer peer, int level, List<double[]> rates) {
        Contender(String name, Peer peer, int level) {
            this(name, peer, level, new ArrayList<>());
        }

        void measure(Path inputs) {
            String[] answer = peer.ask(level + "\t" + inputs).split(" ");
            rates.add(new double[] {
                PICTURES / Double.parseDouble(answer[0]),
                PICTURES / Double.parseDouble(answer[1]),
                Double.parseDouble(answer[2]) / PICTURES
            });
        }

        double median(int column) {
            double[] sorted =
                    rates.stream().mapToDouble(row -> row[column]).sorted().toArray();
            return sorted[sorted.length / 2];
        }
    }

    /** Photographs of at least {@link #SIDE} pixels both ways, evenly out of the package's originals. */
    private static void copyPictures(Path webp) throws Exception {
        Path npm = new Downloads().npm("@pictwo/images", "1.2.0", SHA_256);
        List<Path> large = new ArrayList<>();
        try (Stream<Path> files = Files.walk(npm.resolve("img"))) {
            for (Path file : files.filter(path -> path.toString().contains("/original/") && Files.isRegularFile(path))
                    .sorted()
                    .toList()) {
                if (large.size() >= 4 * PICTURES) {
                    break;
                }
                Rgb image = PictureDecoder.STANDARD.decode(Files.readAllBytes(file));
                if (Math.min(image.width(), image.height()) >= SIDE) {
                    large.add(file);
                }
            }
        }
        for (int i = 0; i < PICTURES; i++) {
            Files.copy(large.get(i * large.size() / PICTURES), webp.resolve("%03d.webp".formatted(i)));
        }
    }

    private void reencode(Path webp, Path jpeg) throws Exception {
        String script = Peer.script("webp_to_jpeg.py", directory).toString();
        List<String> command = List.of(Peer.PYTHON.toString(), script, webp.toString(), jpeg.toString());
        try (Peer python = new Peer(directory.resolve("jpeg-errors"), command)) {
            assertThat(python.answer()).isEqualTo(Integer.toString(PICTURES));
        }
    }
}
