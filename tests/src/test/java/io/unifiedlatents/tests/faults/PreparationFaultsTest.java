package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.tests.storage.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real faults to a real preparation on a standalone cluster of two workers of one core, of pictures of which every
 * twentieth is cut short: the data sets must be those of the undisturbed run, bit for bit, or the job fails with an
 * error that says what to do, and publishes nothing. Prints a table. Run with
 *
 * <pre>
 * mvn -pl tests -am verify -Dtest.excluded= -Dsurefire.failIfNoSpecifiedTests=false -Dtest=PreparationFaultsTest
 * </pre>
 */
@Tag("faults")
@Timeout(600)
class PreparationFaultsTest {
    private static final Path PICTURES =
            Path.of("../deploy/quickstart-pictures").toAbsolutePath().normalize();
    private static final int COPIES = 16; // some ten parts, and a minute of work
    private static final int PORT = 27097;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> ROWS = new ArrayList<>();

    @TempDir
    private static Path directory;

    private static Cluster cluster;
    private static int inputs;
    private static int damaged;
    private static JsonNode undisturbed;

    @BeforeAll
    static void prepareUndisturbed() throws Exception {
        copyPictures();
        cluster = Cluster.start(directory.resolve("cluster"), PORT, 2);
        long begin = System.nanoTime();
        Submission whole = prepare(directory.resolve("whole").toString(), Map.of());
        assertThat(whole.exitCode()).as(whole.output()).isZero();
        undisturbed = report(Storage.at(directory.resolve("whole").toString(), new Configuration()));
        assertThat(undisturbed.get("inputs").asInt()).isEqualTo(inputs);
        assertThat(undisturbed.get("skipped").asInt()).isEqualTo(damaged);
        assertThat(undisturbed.get("kept").asInt()).isEqualTo(inputs - damaged);
        row("none", begin, "%d pictures, %d of them damaged: all accounted for".formatted(inputs, damaged));
    }

    @AfterEach
    void end() {
        cluster.endSubmissions();
    }

    @AfterAll
    static void stop() throws IOException {
        System.out.println("| fault | seconds of the whole preparation | outcome |\n|---|---|---|");
        ROWS.forEach(System.out::println);
        cluster.close();
    }

    /** Copies in folders; the same content many times, so duplicates are kept. */
    private static void copyPictures() throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(PICTURES)) {
            files = tree.filter(Files::isRegularFile).sorted().toList();
        }
        for (int copy = 0; copy < COPIES; copy++) {
            for (Path file : files) {
                Path target = directory.resolve("pictures/" + copy).resolve(PICTURES.relativize(file));
                Files.createDirectories(target.getParent());
                if (inputs++ % 20 == 19) {
                    byte[] content = Files.readAllBytes(file);
                    Files.write(target, Arrays.copyOf(content, content.length / 3));
                    damaged++;
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static Submission prepare(String output, Map<String, String> hadoop) throws IOException {
        List<String> options = new ArrayList<>(List.of("--conf", "spark.cores.max=2"));
        hadoop.forEach((key, value) -> options.addAll(List.of("--conf", "spark.hadoop." + key + "=" + value)));
        List<String> settings = new ArrayList<>();
        for (String setting : List.of(
                "prepare.source=" + directory.resolve("pictures"),
                "prepare.output=" + output,
                "cluster.leaseSeconds=5", // so that a driver that is submitted again waits no longer
                "prepare.height=256",
                "prepare.width=256",
                "prepare.deduplicate=none",
                "prepare.rowGroupRows=32",
                "prepare.rowsPerShard=128",
                "prepare.maxBadFraction=0.06")) {
            settings.addAll(List.of("--set", setting));
        }
        return cluster.submit("PrepareImages", options, settings);
    }

    private static JsonNode report(Storage output) throws IOException {
        return JSON.readTree(output.readText("_prepare.json"));
    }

    /** The job ended well, says what the undisturbed one said, and every shard is as its manifest says. */
    private static void assertSame(Storage output, Submission submission) throws Exception {
        assertThat(submission.exitCode()).as(submission.output()).isZero();
        assertThat(report(output)).isEqualTo(undisturbed); // holds a digest of every data set
        for (String split : List.of("train", "validation")) {
            Dataset dataset = Dataset.open(output.directory(split));
            for (ShardInfo shard : dataset.manifest().shards()) {
                dataset.verify(shard);
            }
            assertThat(dataset.storage().list())
                    .hasSize(dataset.manifest().shards().size() + 1); // and the manifest
        }
        assertThat(output.list()).containsExactly("_prepare.json", "status", "train", "validation");
    }

    private static void row(String fault, long begin, String outcome) {
        ROWS.add("| %s | %.0f | %s |".formatted(fault, 1e-9 * (System.nanoTime() - begin), outcome));
    }

    /** Waits until the work directory, or a data set, holds so many finished files. */
    private static void await(Submission submission, Path directory, String suffix, int count) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (count(directory, suffix) < count) {
            assertThat(submission.driver().isAlive() && System.nanoTime() < deadline)
                    .as("%d files %s in %s\n%s", count, suffix, directory, submission.output())
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static long count(Path directory, String suffix) throws IOException {
        if (!Files.exists(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix) && !name.startsWith("."))
                    .count();
        } catch (java.io.UncheckedIOException e) {
            return 0; // something was renamed while it was listed: look again
        }
    }

    @Test
    void executorsKilledInBothPasses() throws Exception {
        Path output = directory.resolve("killed");
        long begin = System.nanoTime();
        Submission run = prepare(output.toString(), Map.of());
        await(run, output.resolve("_work"), ".json", 3);
        cluster.executors().get(0).destroyForcibly();
        await(run, output.resolve("_work"), ".json", 6);
        cluster.executors().get(0).destroyForcibly();
        await(run, output.resolve("train"), ".parquet", 2);
        cluster.executors().get(0).destroyForcibly();
        assertSame(Storage.at(output.toString(), new Configuration()), run);
        row("executor SIGKILL, twice making samples, once writing shards", begin, "data sets identical");
    }

    @Test
    void theDriverKilledInBothPassesAndSubmittedAgain() throws Exception {
        Path output = directory.resolve("driver");
        long begin = System.nanoTime();
        Submission first = prepare(output.toString(), Map.of());
        await(first, output.resolve("_work"), ".json", 3);
        first.driver().destroyForcibly();
        first.exitCode();
        long made = count(output.resolve("_work"), ".json");
        Submission second = prepare(output.toString(), Map.of());
        await(second, output.resolve("train"), ".parquet", 2);
        second.driver().destroyForcibly();
        second.exitCode();
        assertThat(output.resolve("train/_manifest.json")).doesNotExist();
        Submission third = prepare(output.toString(), Map.of());
        assertSame(Storage.at(output.toString(), new Configuration()), third);
        row(
                "driver SIGKILL after %d parts; again, writing shards; submitted again each time".formatted(made),
                begin,
                "nothing visible before the end; data sets identical");
    }

    @Test
    void anS3ServerThatIsGoneForTenSeconds() throws Exception {
        try (S3Server server = S3Server.start(Files.createDirectory(directory.resolve("s3")), "prepared")) {
            Configuration hadoop = new Configuration();
            server.settings().forEach(hadoop::set);
            Storage output = Storage.at(server.uri("data"), hadoop);
            long begin = System.nanoTime();
            Submission run = prepare(output.toString(), server.settings());
            awaitObjects(run, output.directory("_work"), 3);
            server.stop();
            TimeUnit.SECONDS.sleep(10); // the fault: that is how long it is gone
            server.start();
            assertSame(output, run);
            row("S3 server stopped, back after 10 s", begin, "data sets identical");
        }
    }

    private static void awaitObjects(Submission run, Storage work, int count) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (true) {
            List<String> runs = work.list();
            if (!runs.isEmpty()
                    && work.directory(runs.get(0)).list().stream()
                                    .filter(name -> name.endsWith(".json"))
                                    .count()
                            >= count) {
                return;
            }
            assertThat(run.driver().isAlive() && System.nanoTime() < deadline)
                    .as(run.output())
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    @Test
    void aDiskThatIsFullLeavesTheOldDataSetAsItIs() throws Exception {
        Path disk = directory.resolve("disk");
        try (SmallDisk mounted = SmallDisk.mount(disk, "64m")) {
            Map<Path, byte[]> old = new TreeMap<>();
            for (String name : List.of("_manifest.json", "shard-000000.parquet")) {
                Path file = Files.createDirectories(disk.resolve("old")).resolve(name);
                Files.copy(directory.resolve("whole/validation").resolve(name), file);
                old.put(file, Files.readAllBytes(file));
            }
            long begin = System.nanoTime();
            Submission run = prepare(disk.resolve("new").toString(), Map.of());
            assertThat(run.exitCode()).as(run.output()).isNotZero();
            assertThat(run.output()).contains("No space left on device");
            assertThat(disk.resolve("new/train/_manifest.json")).doesNotExist();
            assertThat(disk.resolve("new/_prepare.json")).doesNotExist();
            for (Map.Entry<Path, byte[]> file : old.entrySet()) {
                assertThat(Files.readAllBytes(file.getKey())).isEqualTo(file.getValue());
            }
            row("disk full", begin, "\"No space left on device\"; nothing published, the data set beside it as it was");
        }
    }
}
