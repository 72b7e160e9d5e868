package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.tests.TinyRun;
import io.unifiedlatents.tests.storage.S3Server;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real faults to a real run on a standalone cluster: three workers of one core, two ranks. Every run must end with the
 * weights of the undisturbed one, bit for bit, or with an error that says what to do. Prints a table. Run with
 *
 * <pre>
 * mvn -pl tests -am verify -Dtest.excluded= -Dsurefire.failIfNoSpecifiedTests=false -Dtest=FaultsTest
 * </pre>
 */
@Tag("faults")
@Timeout(600)
class FaultsTest {
    private static final int STEPS = 1500;
    private static final int PORT = 27077;
    private static final int RING_PORT = 27200;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> ROWS = new ArrayList<>();
    private static final List<String> PARTS = new ArrayList<>(); // of each recovery since the last row
    private static final Map<String, String> S3 = new TreeMap<>(); // settings, once there is a server
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    private static Path directory;

    private static Cluster cluster;
    private static List<String> undisturbed;

    @BeforeAll
    static void trainUndisturbed() throws Exception {
        cluster = Cluster.start(directory.resolve("cluster"), PORT, 3);
        Submission prepare = cluster.submit("PrepareImages", List.of("--conf", "spark.cores.max=2"), config("none"));
        assertThat(prepare.exitCode()).as(prepare.output()).isZero();
        long begin = System.nanoTime();
        Submission whole = train("whole");
        assertThat(whole.exitCode()).as(whole.output()).isZero();
        undisturbed = weights("whole");
        ROWS.add(String.format("| none | the whole run: %.0f s | weights for comparison |", seconds(begin)));
    }

    @AfterEach
    void end() {
        cluster.endSubmissions();
    }

    @AfterAll
    static void stop() throws IOException {
        System.out.println("| fault | seconds until training again | outcome |\n|---|---|---|");
        ROWS.forEach(System.out::println);
        cluster.close();
    }

    private static List<String> config(String run, String... more) {
        List<String> settings = new ArrayList<>(List.of("trainLatents.run.steps=" + STEPS));
        settings.addAll(List.of(more));
        return TinyRun.options(directory, place(run), settings.toArray(String[]::new));
    }

    /** Where a run is kept: its name below the test's directory, or the URI that it is. */
    private static String place(String run) {
        return run.startsWith("s3a:") ? run : directory.resolve(run).toString();
    }

    private static Storage stage(String run) throws IOException {
        return Storage.at(place(run), HADOOP).directory("latents");
    }

    private static Submission train(String run, String... more) throws IOException {
        return train(cluster, run, more);
    }

    private static Submission train(Cluster cluster, String run, String... more) throws IOException {
        List<String> options = new ArrayList<>(List.of("--conf", "spark.cores.max=2"));
        S3.forEach((key, value) -> options.addAll(List.of("--conf", "spark.hadoop." + key + "=" + value)));
        return cluster.submit("TrainLatents", options, config(run, more));
    }

    private static Checkpoints checkpoints(String run) throws IOException {
        return Checkpoints.at(stage(run));
    }

    /** Digests of the shards of the last checkpoint: parameters, moments and average. */
    private static List<String> weights(String run) throws IOException {
        CheckpointManifest manifest = checkpoints(run).newestReadable().orElseThrow();
        assertThat(manifest.step()).isEqualTo(STEPS);
        return manifest.files().stream()
                .map(CheckpointManifest.FileEntry::sha256)
                .toList();
    }

    /** The run ended well, its weights are those of the undisturbed run, and its ledger accounts for every step. */
    private static void assertSame(String run, Submission submission) throws Exception {
        assertThat(submission.exitCode()).as(submission.output()).isZero();
        assertThat(weights(run)).isEqualTo(undisturbed);
        Dataset images = Dataset.open(Storage.at(directory.resolve("data/train").toString(), HADOOP));
        List<Long> steps = new ArrayList<>();
        new Ledger(stage(run)).audit(images, (step, ids) -> steps.add(step));
        assertThat(steps).hasSize(STEPS);
    }

    private static double seconds(long since) {
        return 1e-9 * (System.nanoTime() - since);
    }

    private static void row(String fault, List<Double> seconds, String outcome) {
        double[] sorted =
                seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        ROWS.add(String.format(
                "| %s | %.1f (%.1f to %.1f) | %s |",
                fault, sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1], outcome));
        PARTS.forEach(parts -> ROWS.add("| | " + parts + " | |"));
        PARTS.clear();
    }

    /** Waits until training goes on after a fault; seconds since it. */
    private static double recovery(Submission submission, int mark, long since) throws InterruptedException {
        submission.awaitLine(mark, "going on from step");
        submission.awaitLine(submission.mark(), "img/s");
        double seconds = seconds(since);
        PARTS.add(submission.awaitLine(mark, "recovered in s: "));
        return seconds;
    }

    @Test
    void executorsKilledTwentyTimes() throws Exception {
        Random random = new Random(1);
        Submission run = train("killed");
        List<Double> seconds = new ArrayList<>();
        for (int kill = 0; kill < 20; kill++) {
            run.awaitStep(20 + kill * (STEPS - 100) / 20 + random.nextInt(40));
            List<ProcessHandle> executors = cluster.executors();
            int mark = run.mark();
            long since = System.nanoTime();
            executors.get(random.nextInt(executors.size())).destroyForcibly();
            seconds.add(recovery(run, mark, since));
        }
        assertSame("killed", run);
        assertThat(report("killed").get("state").asText()).isEqualTo("recovered");
        row("executor SIGKILL, 20 times", seconds, "weights identical");
    }

    @Test
    void anExecutorThatHangs() throws Exception {
        Submission run = train("hung", "cluster.stallSeconds=10");
        run.awaitStep(200);
        ProcessHandle victim = cluster.executors().get(1);
        int mark = run.mark();
        long since = System.nanoTime();
        signal(victim, "STOP");
        String reason = run.awaitLine(mark, "attempt 1: rank ");
        double seconds = recovery(run, mark, since);
        assertThat(reason).contains("no heartbeat for ").contains("limit cluster.stallSeconds=10");
        assertSame("hung", run);
        row("executor SIGSTOP, stallSeconds=10", List.of(seconds), "weights identical");
    }

    @Test
    void aWorkerThatDies() throws Exception {
        Submission run = train("worker");
        run.awaitStep(200);
        ProcessHandle executor = cluster.executors().get(0);
        int mark = run.mark();
        long since = System.nanoTime();
        executor.parent().orElseThrow().destroyForcibly();
        executor.destroyForcibly();
        double seconds = recovery(run, mark, since);
        assertSame("worker", run);
        row("worker and its executor SIGKILL, a third worker free", List.of(seconds), "weights identical");
    }

    @Test
    void anExecutorToldToGo() throws Exception {
        Submission run = train("preempted");
        run.awaitStep(200);
        int mark = run.mark();
        long since = System.nanoTime();
        signal(cluster.executors().get(0), "TERM");
        run.awaitLine(mark, "img/s");
        long at = checkpoints("preempted").newest().orElseThrow().step();
        run.awaitStep(at + 20);
        double seconds = seconds(since);
        assertSame("preempted", run);
        row("executor SIGTERM", List.of(seconds), "no step lost; weights identical");
    }

    @Test
    void theDriverToldToStopAndSubmittedAgain() throws Exception {
        Submission first = train("stopped");
        first.awaitStep(200);
        signal(first.driver(), "TERM");
        assertThat(first.exitCode()).as(first.output()).isEqualTo(75);
        assertThat(first.output()).contains("stopped after step ").contains("by SIGTERM");
        long since = System.nanoTime();
        Submission again = train("stopped");
        again.awaitLine(0, "img/s");
        double seconds = seconds(since);
        assertSame("stopped", again);
        row("driver SIGTERM, submitted again", List.of(seconds), "exit code 75, no step lost; weights identical");
    }

    @Test
    void theDriverKilledAndSubmittedAgainOverADamagedCheckpoint() throws Exception {
        Submission first = train("driver");
        first.awaitStep(300);
        first.driver().destroyForcibly();
        first.exitCode();
        long newest = checkpoints("driver").newest().orElseThrow().step();
        Path shard = directory.resolve(
                String.format("driver/latents/checkpoints/step-%012d/shard-00001-of-00002.safetensors", newest));
        byte[] content = Files.readAllBytes(shard);
        Files.write(shard, java.util.Arrays.copyOf(content, content.length / 2));
        long since = System.nanoTime();
        Submission again = train("driver");
        again.awaitLine(0, "img/s");
        double seconds = seconds(since);
        assertSame("driver", again);
        row(
                "driver SIGKILL, newest checkpoint cut in half, submitted again",
                List.of(seconds),
                "previous checkpoint used; weights identical");
    }

    @Test
    void garbageOnThePortsOfTheRing() throws Exception {
        Submission run = train("garbage", "cluster.firstPort=" + RING_PORT, "cluster.lastPort=" + (RING_PORT + 9));
        byte[] noise = new byte[1 << 16];
        new Random(3).nextBytes(noise);
        int sent = 0;
        while (run.step() < 100) {
            for (int port = RING_PORT; port < RING_PORT + 10; port++) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                        OutputStream out = socket.getOutputStream()) {
                    out.write(noise);
                    sent++;
                } catch (IOException e) {
                    // nobody listens there, or it has hung up: as it should
                }
            }
        }
        assertSame("garbage", run);
        ROWS.add("| " + sent + " callers with garbage on the ring's ports | not disturbed | weights identical |");
    }

    @Test
    void aDiskThatIsFull() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("full"), "200k")) {
            Submission run = train("full");
            assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
            assertThat(run.output()).contains("No space left on device");
            ROWS.add("| disk full | not retried | exit code 2, \"No space left on device\" |");
        }
    }

    @Test
    void anS3ServerThatIsGoneForSecondsAndThenForMinutes() throws Exception {
        try (S3Server server = S3Server.start(Files.createDirectory(directory.resolve("s3")), "faults")) {
            S3.putAll(server.settings());
            S3.forEach(HADOOP::set);
            String place = server.uri("run");
            Submission run = train(place);
            run.awaitStep(200);
            server.stop();
            server.start();
            run.awaitStep(600);
            assertThat(run.output()).doesNotContain("attempt 1:");
            int mark = run.mark();
            long since = System.nanoTime();
            server.stop();
            String reason = run.awaitLine(mark, "attempt 1: rank ");
            double detected = seconds(since);
            server.start();
            double seconds = recovery(run, mark, since);
            assertThat(reason).contains("failed (network)").contains(place + "/latents/checkpoints");
            assertSame(place, run);
            row(
                    "S3 server stopped, back at once; again, back after the failure at " + Math.round(detected) + " s",
                    List.of(seconds),
                    "no attempt lost; then weights identical");
        }
    }

    @Test
    void aNetworkThatSwallowsWhatRanksSendEachOther() throws Exception {
        try (Network network = Network.open();
                Cluster apart = Cluster.start(directory.resolve("apart"), PORT + 10, network)) {
            Submission run = train(apart, "cut", "cluster.peerTimeoutSeconds=10");
            run.awaitStep(200);
            int mark = run.mark();
            long since = System.nanoTime();
            network.cut(true);
            String reason = run.awaitLine(mark, "attempt 1: rank ");
            network.cut(false);
            double seconds = recovery(run, mark, since);
            assertThat(reason)
                    .containsPattern("rank [01] on 10\\.77\\.31\\.1[12] .*failed \\(network\\) after step \\d+")
                    .contains("silent for 10000 ms");
            assertSame("cut", run);
            row("packets between ranks lost, peerTimeoutSeconds=10", List.of(seconds), "weights identical");
        }
    }

    private static JsonNode report(String run) throws IOException {
        return JSON.readTree(directory.resolve(run + "/latents/failure.json").toFile());
    }

    private static void signal(ProcessHandle process, String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
