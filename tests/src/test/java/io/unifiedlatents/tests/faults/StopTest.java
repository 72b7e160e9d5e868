package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.tests.TinyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Budgets, and slots that are missing, come back or never come, on a standalone cluster of two workers of one core; one
 * run where Spark authenticates and encrypts. Run with
 *
 * <pre>
 * mvn -pl tests -am verify -Dtest.excluded= -Dsurefire.failIfNoSpecifiedTests=false -Dtest=StopTest
 * </pre>
 */
@Tag("faults")
@Timeout(600)
class StopTest {
    private static final int STEPS = 400;
    private static final int PORT = 28077;

    @TempDir
    private static Path directory;

    private static Cluster cluster;
    private static List<String> undisturbed;

    @BeforeAll
    static void trainUndisturbed() throws Exception {
        cluster = Cluster.start(directory.resolve("cluster"), PORT, 2);
        Submission prepare = cluster.submit("PrepareImages", List.of(), options("none"));
        assertThat(prepare.exitCode()).as(prepare.output()).isZero();
        Submission whole = train("whole");
        assertThat(whole.exitCode()).as(whole.output()).isZero();
        undisturbed = weights("whole");
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    private static List<String> options(String run, String... more) {
        List<String> options =
                new ArrayList<>(TinyRun.options(directory, directory.resolve(run), "trainLatents.run.steps=" + STEPS));
        options.addAll(List.of(more));
        return options;
    }

    private static Submission train(String run, String... more) throws IOException {
        return cluster.submit("TrainLatents", List.of("--conf", "spark.cores.max=2"), options(run, more));
    }

    private static CheckpointManifest newest(String run) throws IOException {
        Storage stage = Storage.at(directory.resolve(run + "/latents").toString(), new Configuration());
        return Checkpoints.at(stage).newestReadable().orElseThrow();
    }

    /** Digests of parameters, moments and average after the last step. */
    private static List<String> weights(String run) throws IOException {
        CheckpointManifest manifest = newest(run);
        assertThat(manifest.step()).isEqualTo(STEPS);
        return manifest.files().stream()
                .map(CheckpointManifest.FileEntry::sha256)
                .toList();
    }

    private static void assertLedgerComplete(String run) throws Exception {
        Storage stage = Storage.at(directory.resolve(run + "/latents").toString(), new Configuration());
        Dataset images = Dataset.open(Storage.at(directory.resolve("data/train").toString(), new Configuration()));
        List<Long> steps = new ArrayList<>();
        new Ledger(stage).audit(images, (step, ids) -> steps.add(step));
        assertThat(steps).hasSize(STEPS);
    }

    /** Two workers again, whatever a test did to them. */
    private static void mend(String name) throws Exception {
        if (cluster.workers().size() < 2) {
            cluster.startWorker(name);
        }
    }

    @Test
    void budgetsEndWithACheckpointAndTheSameCommandGoesOn() throws Exception {
        mend("budgets");
        long before = 0;
        for (List<String> budget : List.of(List.of("--stop-after", "PT6S"), List.of("--max-gpu-hours", "0.002"))) {
            Submission stopped = train("budgets", budget.get(0), budget.get(1));
            assertThat(stopped.exitCode()).as(stopped.output()).isEqualTo(75);
            long step = newest("budgets").step();
            assertThat(step).isBetween(before + 1, STEPS - 1L);
            assertThat(stopped.output())
                    .contains("stopped after step " + step + " by " + String.join(" ", budget)
                            + "; the same command goes on");
            before = step;
        }
        Submission rest = train("budgets");
        assertThat(rest.exitCode()).as(rest.output()).isZero();
        assertThat(weights("budgets")).isEqualTo(undisturbed);
        assertLedgerComplete("budgets");
    }

    @Test
    void goesOnWithFewerRanksWhereThatIsAllowed() throws Exception {
        mend("fewer");
        Submission run = train("fewer", "--set", "cluster.minRanks=1", "--set", "cluster.waitForSlotsSeconds=5");
        run.awaitStep(50);
        Cluster.killWorkerOf(cluster.executors().get(0));
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains("going on with 1 of 2 ranks");
        assertThat(newest("fewer").step()).isEqualTo(STEPS);
        assertThat(newest("fewer").files()).hasSize(1); // written by one rank
        assertLedgerComplete("fewer"); // the samples of each step are those of any number of ranks
    }

    @Test
    void waitsForAWorkerThatComesBack() throws Exception {
        mend("first");
        Submission run = train("back");
        run.awaitStep(50);
        int mark = run.mark();
        Cluster.killWorkerOf(cluster.executors().get(0));
        assertThat(run.awaitLine(mark, "waiting for slots"))
                .matches("waiting for slots: 1 of 2, for 1\\d of at most 120 s");
        cluster.startWorker("back");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(weights("back")).isEqualTo(undisturbed);
        assertLedgerComplete("back");
    }

    @Test
    void slotsThatNeverComeAreAnErrorThatSaysWhatIsMissing() throws Exception {
        mend("never");
        Submission run = cluster.submit(
                "TrainLatents",
                List.of("--conf", "spark.cores.max=2"),
                options(
                        "never",
                        "--set",
                        "cluster.ranks=3",
                        "--set",
                        "cluster.waitForSlotsSeconds=12",
                        "--set",
                        "trainLatents.run.microBatch=2"));
        assertThat(run.exitCode()).as(run.output()).isEqualTo(1); // the same command may do later
        assertThat(run.output())
                .containsPattern("waiting for slots: [012] of 3, for 1\\d of at most 12 s")
                .contains("2 slots after 12 s, cluster.ranks=3 needs one each (cluster.minRanks=0); add executors, or"
                        + " lower them");
    }

    @Test
    void aClusterThatAuthenticatesAndEncryptsTrainsTheSame() throws Exception {
        Map<String, String> settings = Map.of(
                "spark.authenticate", "true",
                "spark.authenticate.secret", "of this test",
                "spark.network.crypto.enabled", "true");
        try (Cluster secured = Cluster.start(directory.resolve("secured"), PORT + 10, 2, settings)) {
            Submission run =
                    secured.submit("TrainLatents", List.of("--conf", "spark.cores.max=2"), options("encrypted"));
            assertThat(run.exitCode()).as(run.output()).isZero();
        }
        assertThat(weights("encrypted")).isEqualTo(undisturbed);
    }
}
