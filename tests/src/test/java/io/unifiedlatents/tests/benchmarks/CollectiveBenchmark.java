package io.unifiedlatents.tests.benchmarks;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unifiedlatents.core.collective.ring.Encryption;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What it costs to be several ranks: bandwidth of all-reduce between two processes of one machine beside PyTorch's gloo
 * and beside a plain copy of memory, and images per second of two ranks with a core each beside one rank with one core.
 * Speed is printed and never asserted. Run with
 *
 * <pre>
 * mvn -pl tests -am test -Dtest.excluded= -Dtest=CollectiveBenchmark \
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("benchmark")
class CollectiveBenchmark {
    private static final int RANKS = 2;
    private static final int REPETITIONS = 7;
    private static final long MEGABYTE = 1_000_000;
    private static final long BYTES_A_MEASUREMENT = 256 * MEGABYTE; // of small vectors, so many in a row

    @TempDir
    private Path directory;

    /** Bus bandwidth, by the usual count: of n ranks each sends 2 (n − 1) / n of the vector in an all-reduce. */
    @Test
    void bandwidthOfAllReduce() throws IOException {
        assumeTrue(Files.isExecutable(Peer.PYTHON), "no " + Peer.PYTHON);
        List<Peer> plain = RankProcess.ring(directory, RANKS, Encryption.NONE, "");
        List<Peer> encrypted = RankProcess.ring(directory, RANKS, Encryption.AES_256_GCM, "");
        List<Peer> gloo = gloo();
        System.out.printf(
                "%nAll-reduce of float32 by %d processes, loopback; gloo of PyTorch %s%n", RANKS, version(gloo));
        System.out.printf(
                "%8s %10s %10s %10s %10s %9s %9s%n",
                "MB", "copy GB/s", "gloo GB/s", "ring GB/s", "AES GB/s", "ring/gloo", "ring/copy");
        for (long megabytes : new long[] {1, 4, 16, 64, 256, 1024}) {
            Contender copy = new Contender("copy", plain, "copy");
            Contender peer = new Contender("gloo", gloo, "reduce");
            Contender ring = new Contender("ring", plain, "reduce");
            Contender aes = new Contender("encrypted ring", encrypted, "reduce");
            List<Contender> all = List.of(copy, peer, ring, aes);
            all.forEach(contender -> contender.measure(megabytes * MEGABYTE));
            all.forEach(contender -> contender.rates.clear()); // that was to warm up
            for (int i = 0; i < REPETITIONS; i++) { // in turn, so that a busy second of the machine meets all
                all.forEach(contender -> contender.measure(megabytes * MEGABYTE));
            }
            System.out.printf(
                    "%8d %10.2f %10.2f %10.2f %10.2f %9.2f %9.2f%n",
                    megabytes,
                    copy.median(),
                    peer.median(),
                    ring.median(),
                    aes.median(),
                    ring.median() / peer.median(),
                    ring.median() / copy.median());
        }
        for (List<Peer> ranks : List.of(plain, encrypted, gloo)) {
            for (Peer rank : ranks) {
                rank.close();
            }
        }
    }

    private record Contender(String name, List<Peer> ranks, String command, List<Double> rates) {
        Contender(String name, List<Peer> ranks, String command) {
            this(name, ranks, command, new ArrayList<>());
        }

        /** Gigabytes a second of an operation on vectors of so many bytes. */
        void measure(long bytes) {
            long repetitions = Math.max(1, BYTES_A_MEASUREMENT / bytes);
            double seconds = slowest(ranks, command + " " + bytes / Float.BYTES + " " + repetitions);
            double share = command.equals("copy") ? 1 : 2.0 * (ranks.size() - 1) / ranks.size();
            rates.add(repetitions * bytes * share / seconds / 1e9);
        }

        double median() {
            return CollectiveBenchmark.median(rates);
        }
    }

    private static double slowest(List<Peer> ranks, String command) {
        ranks.forEach(rank -> rank.tell(command));
        return ranks.stream()
                .mapToDouble(rank -> Double.parseDouble(rank.answer()))
                .max()
                .orElseThrow();
    }

    private List<Peer> gloo() throws IOException {
        String script = Peer.script("gloo_rank.py", directory).toString();
        List<Peer> ranks = new ArrayList<>();
        for (int rank = 0; rank < RANKS; rank++) {
            ranks.add(new Peer(
                    directory.resolve("gloo" + rank),
                    List.of(
                            Peer.PYTHON.toString(),
                            script,
                            Integer.toString(rank),
                            Integer.toString(RANKS),
                            directory.resolve("rendezvous").toString())));
        }
        return ranks;
    }

    private static String version(List<Peer> gloo) {
        return gloo.stream().map(Peer::answer).toList().get(0);
    }

    /** Two ranks against one, and against two that know nothing of each other: what the machine itself takes. */
    @Test
    void stepsOfTwoRanks() throws IOException {
        writePictures();
        List<Double> alone = new ArrayList<>();
        List<Double> apart = new ArrayList<>();
        List<Double> together = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            alone.addAll(rates(List.of(ring(1, "0")), "alone" + i).get(0));
            List<List<Double>> both = rates(List.of(ring(1, "0"), ring(1, "1")), "apart" + i);
            IntStream.range(0, both.get(0).size())
                    .forEach(k -> apart.add(both.get(0).get(k) + both.get(1).get(k)));
            together.addAll(rates(List.of(ring(2, "%d")), "together" + i).get(0));
        }
        System.out.printf(
                "%nStage 1 of preset cifar10, whole steps, images a second: one rank %.1f, two apart %.1f, two together"
                        + " %.1f%n  efficiency %.2f of two times one, %.2f of two apart%n",
                median(alone),
                median(apart),
                median(together),
                median(together) / 2 / median(alone),
                median(together) / median(apart));
    }

    /** Ranks on this core, or each on the core of its own number. */
    private List<Peer> ring(int worldSize, String core) throws IOException {
        return RankProcess.ring(directory, worldSize, Encryption.NONE, "taskset -c " + core);
    }

    /** Images a second of each ring, from the reports of its first rank but the first one, which warms up. */
    private List<List<Double>> rates(List<List<Peer>> rings, String run) throws IOException {
        for (int i = 0; i < rings.size(); i++) {
            String command = "train " + directory + " " + run + "-" + i
                    + " trainLatents.run.steps=60 trainLatents.run.logEvery=20 trainLatents.run.checkpointEvery=60";
            rings.get(i).forEach(rank -> rank.tell(command));
        }
        List<List<Double>> rates = new ArrayList<>();
        for (List<Peer> ring : rings) {
            List<String> answers = ring.stream().map(Peer::answer).toList();
            System.out.println("  " + run + ": " + answers.get(0));
            rates.add(Arrays.stream(answers.get(0).split(" ")[0].split(","))
                    .skip(1)
                    .map(Double::valueOf)
                    .toList());
            for (Peer rank : ring) {
                rank.close();
            }
        }
        return rates;
    }

    private void writePictures() throws IOException {
        Storage storage = Storage.at(directory.resolve("images").toString(), new Configuration());
        ShardFooter footer = new ShardFooter("none", Encoding.PNG, List.of("noise"), "config");
        try (ShardWriter<ImageRow> writer =
                ShardWriter.images(storage, "shard.parquet", RowGroupLimit.rows(100), footer)) {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 500; i++) {
                byte[] pixels = new byte[3 * 32 * 32];
                random.nextBytes(pixels);
                byte[] png = ImageCodec.encodePng(new Rgb(32, 32, pixels));
                writer.write(new ImageRow("id" + i, png, 0, "noise", null, 32, 32, i + ".png", Hashes.sha256(png)));
            }
            ShardInfo shard = writer.finish();
            Dataset.publish(storage, DatasetManifest.images(SampleShape.picture(32, 32), footer, 1, List.of(shard)));
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
