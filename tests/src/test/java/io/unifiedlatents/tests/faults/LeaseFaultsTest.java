package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.tests.TinyRun;
import io.unifiedlatents.tests.storage.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two drivers on one run, and drivers that are stopped for longer than their lease, on a local disk, a real HDFS and a
 * real S3 server. Every run must have one history of checkpoints and the weights of the undisturbed run, bit for bit.
 * Run with
 *
 * <pre>
 * mvn -pl tests -am verify -Dtest.excluded= -Dsurefire.failIfNoSpecifiedTests=false -Dtest=LeaseFaultsTest
 * </pre>
 */
@Tag("faults")
@Timeout(600)
class LeaseFaultsTest {
    private static final int STEPS = 1500;
    private static final int CHECKPOINT_EVERY = 50;
    private static final int PORT = 29077;

    /** One driver with its rank in it. */
    private static final List<String> LOCAL = List.of("--master", "local[1]");

    @TempDir
    private static Path directory;

    private static final Map<String, String> SETTINGS = new TreeMap<>();
    private static final Configuration HADOOP = new Configuration();
    private static S3Server s3;
    private static MiniDFSCluster hdfs;
    private static Cluster cluster;
    private static List<String> undisturbed;

    @BeforeAll
    static void trainUndisturbed() throws Exception {
        s3 = S3Server.start(Files.createDirectory(directory.resolve("s3")), "leases");
        SETTINGS.putAll(s3.settings());
        SETTINGS.forEach(HADOOP::set);
        hdfs = new MiniDFSCluster.Builder(
                        new Configuration(), directory.resolve("hdfs").toFile())
                .numDataNodes(1)
                .build();
        cluster = Cluster.start(directory.resolve("cluster"), PORT, 2);
        Submission prepare = cluster.submit("PrepareImages", LOCAL, options("none"));
        assertThat(prepare.exitCode()).as(prepare.output()).isZero();
        String place = directory.resolve("whole").toString();
        Submission whole = train(LOCAL, place);
        assertThat(whole.exitCode()).as(whole.output()).isZero();
        undisturbed = weights(place);
    }

    @AfterEach
    void end() {
        cluster.endSubmissions();
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
        hdfs.close();
        s3.close();
    }

    private static String place(String store, String run) {
        return switch (store) {
            case "file" -> directory.resolve(run).toString();
            case "hdfs" -> hdfs.getURI() + "/" + run;
            default -> s3.uri(run);
        };
    }

    private static List<String> options(String place) {
        return TinyRun.options(
                directory,
                place,
                "cluster.ranks=1",
                "trainLatents.run.steps=" + STEPS,
                "trainLatents.run.checkpointEvery=" + CHECKPOINT_EVERY,
                "trainLatents.run.keepCheckpoints=1000");
    }

    private static Submission train(List<String> sparkOptions, String place) throws IOException {
        List<String> all = new ArrayList<>(sparkOptions);
        SETTINGS.forEach((key, value) -> all.addAll(List.of("--conf", "spark.hadoop." + key + "=" + value)));
        return cluster.submit("TrainLatents", all, options(place));
    }

    private static Storage stage(String place) throws IOException {
        return Storage.at(place, HADOOP).directory("latents");
    }

    /** Digests of parameters, moments and average after the last step. */
    private static List<String> weights(String place) throws IOException {
        CheckpointManifest manifest =
                Checkpoints.at(stage(place)).newestReadable().orElseThrow();
        assertThat(manifest.step()).isEqualTo(STEPS);
        return manifest.files().stream()
                .map(CheckpointManifest.FileEntry::sha256)
                .toList();
    }

    /**
     * The run has every checkpoint once, of {@code first} up to some step and of {@code second} from there on, the
     * weights of the undisturbed run, and a ledger that accounts for every step.
     */
    private static void assertOneHistory(String place, WriterId first, WriterId second) throws Exception {
        assertThat(weights(place)).isEqualTo(undisturbed);
        Checkpoints checkpoints = Checkpoints.at(stage(place));
        List<WriterId> writers = new ArrayList<>();
        List<Long> expected = new ArrayList<>();
        for (long step = CHECKPOINT_EVERY; step <= STEPS; step += CHECKPOINT_EVERY) {
            expected.add(step);
            writers.add(checkpoints.manifest(step).writer());
        }
        assertThat(checkpoints.committed()).isEqualTo(expected);
        assertThat(writers).isSorted().containsOnly(first, second);
        Dataset images = Dataset.open(Storage.at(directory.resolve("data/train").toString(), HADOOP));
        List<Long> steps = new ArrayList<>();
        new Ledger(stage(place)).audit(images, (step, ids) -> steps.add(step));
        assertThat(steps).hasSize(STEPS);
    }

    private static void signal(ProcessHandle process, String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "s3a"})
    void ofTwoDriversThatStartAtOnceOneTrains(String store) throws Exception {
        String place = place(store, "two");
        List<Submission> both = List.of(train(LOCAL, place), train(LOCAL, place));
        List<Integer> codes = new ArrayList<>();
        for (Submission one : both) {
            codes.add(one.exitCode());
        }
        assertThat(codes).as(both.get(0).output() + both.get(1).output()).containsExactlyInAnyOrder(0, 2);
        assertThat(both.get(codes.indexOf(2)).output())
                .contains(stage(place) + " is written by another job: lease ")
                .contains("(process " + both.get(codes.indexOf(0)).driver().pid() + ", application local-")
                .contains("add --take-over");
        try (Stream<String> leases = stage(place).directory("_lease").list().stream()) {
            assertThat(leases).hasSize(1); // that of the one who withdrew is gone
        }
        WriterId writer = Checkpoints.at(stage(place)).manifest(STEPS).writer();
        assertOneHistory(place, writer, writer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "hdfs", "s3a"})
    void anOwnerStoppedForLongerThanItsLeaseStopsWhenItWakes(String store) throws Exception {
        String place = place(store, "stopped");
        Submission owner = train(LOCAL, place);
        owner.awaitStep(200);
        signal(owner.driver(), "STOP");
        long pid = owner.driver().pid();
        Submission next = train(LOCAL, place);
        assertThat(next.awaitLine(0, "waiting up to 5 s"))
                .contains(stage(place) + ": lease 1 is held by ")
                .contains("(process " + pid + ", application local-");
        next.awaitStep(CHECKPOINT_EVERY); // it trains
        signal(owner.driver(), "CONT");
        assertThat(owner.exitCode()).as(owner.output()).isEqualTo(2);
        assertThat(owner.output())
                .contains("this job no longer writes to " + stage(place) + ": its lease 1 was not renewed in time")
                .contains("lease 2 is held by ")
                .contains("(process " + next.driver().pid() + ", application local-");
        assertThat(stage(place).exists("failure.json")).isFalse();
        assertThat(next.exitCode()).as(next.output()).isZero();
        assertOneHistory(place, new WriterId(1, 1), new WriterId(2, 1));
    }

    /** The executor lives on, trains, and stops by itself before it commits. */
    @Test
    void aDriverStoppedAloneHasItsRankStopped() throws Exception {
        String place = place("file", "alone");
        List<String> oneCore = List.of("--conf", "spark.cores.max=1");
        Submission owner = train(oneCore, place);
        owner.awaitStep(200);
        ProcessHandle driver = owner.driver();
        signal(driver, "STOP");
        Submission next = train(oneCore, place);
        next.awaitStep(CHECKPOINT_EVERY);
        signal(driver, "CONT");
        assertThat(owner.exitCode()).as(owner.output()).isEqualTo(2);
        assertThat(owner.output()).contains("lease 2 is held by ");
        assertThat(next.exitCode()).as(next.output()).isZero();
        assertOneHistory(place, new WriterId(1, 1), new WriterId(2, 1));
    }
}
