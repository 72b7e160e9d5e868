package io.unifiedlatents.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.spark.ranks.RunFailedException;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.spark.training.Trainer;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.tests.LocalSpark;
import io.unifiedlatents.tests.TinyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pictures, checkpoints, ledger and logs of a run of two ranks on S3, whose server dies in the middle. */
@Timeout(300)
class TrainingOnS3Test {
    private static final int STEPS = 8;

    /** Each try again waits up to 1.5 times 0.5, 1 and 2 s; about ten operations meet the dead server. */
    private static final Duration LONGEST_FAILURE = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static S3Server server;
    private static CuttingProxy proxy;
    private static SparkSession session;
    private static JavaSparkContext spark;

    @BeforeAll
    static void start() throws Exception {
        server = S3Server.start(directory, "training");
        proxy = new CuttingProxy(server);
        SparkSession.Builder builder =
                LocalSpark.session("local[2]", "s3").config("spark.hadoop.fs.s3a.retry.limit", "3");
        S3Server.settings(proxy.port()).forEach((key, value) -> builder.config("spark.hadoop." + key, value));
        session = builder.getOrCreate();
        spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Preparation.images(session, config("whole").prepare()).run(LeaseTerms.DEFAULT);
        Preparation.images(session, config("cut").prepare()).run(LeaseTerms.DEFAULT);
    }

    @AfterAll
    static void stop() {
        session.stop();
        proxy.close();
        server.close();
    }

    /**
     * All of the whole run is on S3; the cut one reads the same pictures from disk, so that it fails when it writes.
     */
    private static RunConfig config(String run) {
        Object data = run.equals("whole")
                ? server.uri("data")
                : directory.resolve("data").toUri();
        return TinyRun.config(
                server.uri("run"),
                run,
                "prepare.output=" + data,
                "data={train: " + data + "/train, validation: " + data + "/validation}",
                "trainLatents.run.steps=" + STEPS,
                "cluster={maxFailures: 0, leaseSeconds: 5}");
    }

    private static void train(String run) throws Exception {
        assertThat(Trainer.train(
                        spark, config(run), StageName.LATENTS, Set.of(), new StopControl(null, 0), LeaseTerms.DEFAULT))
                .isPresent();
    }

    private static Storage stage(String run) throws IOException {
        return Storage.at(config(run).runDirectory(), spark.hadoopConfiguration())
                .directory("latents");
    }

    /** Digests of the last checkpoint: parameters, moments and average. */
    private static List<String> weights(String run) throws IOException {
        CheckpointManifest manifest =
                Checkpoints.at(stage(run)).newestReadable().orElseThrow();
        assertThat(manifest.step()).isEqualTo(STEPS);
        return manifest.files().stream()
                .map(CheckpointManifest.FileEntry::sha256)
                .toList();
    }

    @Test
    void aServerKilledDuringACheckpointCostsOnlyTheStepsSinceTheOneBefore() throws Exception {
        train("whole");

        // rank 0 writes this after it has committed step 2
        proxy.killDuring("step-000000000004-1.1/shard-00000-of-00002.safetensors");
        long begin = System.nanoTime();
        assertThatThrownBy(() -> train("cut"))
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("failed (network)")
                .hasMessageContaining("checkpoint of step 4 in " + stage("cut").path("checkpoints"))
                .hasMessageContaining("cut/latents/checkpoints/step-000000000004-1.1/shard-0000");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LONGEST_FAILURE);
        assertThat(proxy.awaitKill()).isTrue();

        server.start();
        assertThat(Checkpoints.at(stage("cut")).committed()).containsExactly(2L);
        assertThat(stage("cut").directory("checkpoints/step-000000000004-1.1").list())
                .doesNotContain("shard-00000-of-00002.safetensors", "manifest.json");
        train("cut");
        assertThat(weights("cut")).isEqualTo(weights("whole"));
        List<Long> steps = new ArrayList<>();
        Dataset images = Dataset.open(Storage.at(config("cut").data().train(), spark.hadoopConfiguration()));
        new Ledger(stage("cut")).audit(images, (step, ids) -> steps.add(step));
        assertThat(steps).hasSize(STEPS);
    }

    @Test
    void patienceWithS3IsBoundedUnlessTheUserSaysOtherwise() throws IOException {
        Configuration reached = stage("any")
                .path("file")
                .getFileSystem(spark.hadoopConfiguration())
                .getConf();
        assertThat(reached.get("fs.s3a.retry.limit")).isEqualTo("3"); // of this session
        assertThat(reached.get("fs.s3a.attempts.maximum")).isEqualTo("1"); // Hadoop's own is 20
        assertThat(reached.get("fs.s3a.connection.timeout")).isEqualTo("30000"); // Hadoop's own is 200 s
    }
}
