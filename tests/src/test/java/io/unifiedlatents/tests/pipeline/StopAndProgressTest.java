package io.unifiedlatents.tests.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.spark.training.Trainer;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.tests.TinyRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run of two ranks as Spark's pages show it, and the same run in pieces that budgets cut. */
@Timeout(120)
class StopAndProgressTest {
    private static final int STEPS = 240;
    private static final int SAMPLES = 8; // of a step
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;

    private static SparkSession session;
    private static JavaSparkContext spark;

    @BeforeAll
    static void prepare() throws Exception {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars")); // Spark looks for it
        session = SparkSession.builder()
                .master("local-cluster[2,1,1024]") // with local[2], heartbeats carry no figures
                .config("spark.executor.memory", "512m")
                .config("spark.executor.extraClassPath", System.getProperty("surefire.test.class.path"))
                .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
                .appName("progress")
                .config("spark.ui.port", "0")
                .config("spark.executor.heartbeatInterval", "500ms") // what pages show comes with heartbeats
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.plugins", ProgressPlugin.class.getName())
                .getOrCreate();
        spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Preparation.images(session, config("none").prepare()).run(LeaseTerms.DEFAULT);
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    private static RunConfig config(String run) {
        return TinyRun.config(
                directory,
                run,
                "prepare.rowsPerShard=64",
                "trainLatents.run={steps: " + STEPS + ", globalBatch: " + SAMPLES
                        + ", checkpointEvery: 40, logEvery: 10}");
    }

    private static Optional<Exports> train(String run, StopControl stop) throws Exception {
        return Trainer.train(spark, config(run), StageName.LATENTS, Set.of(), stop, LeaseTerms.DEFAULT);
    }

    private static CheckpointManifest newest(String run) throws IOException {
        Storage stage = new RunDirectory(config(run), spark.hadoopConfiguration()).stage(StageName.LATENTS);
        return Checkpoints.at(stage).newestReadable().orElseThrow();
    }

    /** Digests of parameters, moments and average. */
    private static List<String> weights(String run) throws IOException {
        return newest(run).files().stream()
                .map(CheckpointManifest.FileEntry::sha256)
                .toList();
    }

    private static JsonNode page(String path) throws IOException {
        String address = spark.sc().uiWebUrl().get().replaceFirst("//[^:/]+", "//127.0.0.1");
        return JSON.readTree(
                URI.create(address + "/api/v1/applications/" + spark.sc().applicationId() + path)
                        .toURL());
    }

    @Test
    void sparksPagesShowWhatRunsAndBudgetsEndItWithoutATrace() throws Exception {
        CompletableFuture<Optional<Exports>> whole = new CompletableFuture<>();
        Thread training = new Thread(() -> {
            try {
                whole.complete(train("whole", new StopControl(null, 0)));
            } catch (Exception e) {
                whole.completeExceptionally(e);
            }
        });
        training.start();
        List<String> descriptions = new ArrayList<>();
        TreeSet<Long> records = new TreeSet<>();
        while (training.isAlive()) {
            for (JsonNode job : page("/jobs?status=running")) {
                descriptions.add(job.path("description").asText());
            }
            for (JsonNode stage : page("/stages?status=active")) {
                records.add(stage.get("inputRecords").asLong());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(whole.get()).isPresent();
        assertThat(descriptions)
                .contains("training file:" + directory + "/whole/latents: attempt 1 on 2 ranks, from step 0 of 240");
        // samples trained so far, with every heartbeat, while the stage runs
        assertThat(records)
                .hasSizeGreaterThan(2)
                .allMatch(read -> read % (SAMPLES / 2 * 10) == 0 && read <= STEPS * SAMPLES);

        assertThat(train("pieces", new StopControl(Duration.ofSeconds(2), 0))).isEmpty();
        long first = newest("pieces").step();
        assertThat(first).isBetween(1L, STEPS - 1L);
        assertThat(train("pieces", new StopControl(null, 1e-4))).isEmpty(); // 0.36 s of a rank
        long second = newest("pieces").step();
        assertThat(second).isBetween(first + 1, STEPS - 1L);
        assertThat(train("pieces", new StopControl(null, 0))).isPresent();
        assertThat(weights("pieces")).isEqualTo(weights("whole"));
        assertThat(page("/jobs").findValuesAsText("description"))
                .contains("training file:%s/pieces/latents: attempt 1 on 2 ranks, from step %d of 240"
                        .formatted(directory, second));
    }
}
