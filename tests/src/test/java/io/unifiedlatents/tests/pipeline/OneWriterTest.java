package io.unifiedlatents.tests.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseException;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.spark.training.Trainer;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.tests.LocalSpark;
import io.unifiedlatents.tests.TinyRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Training whose lease another job takes: it stops at once, and the run has one history. */
@Timeout(120)
class OneWriterTest {
    private static final LeaseTerms SHORT = new LeaseTerms(1, false);

    @TempDir
    private Path directory;

    private RunConfig config(int steps) {
        return TinyRun.config(
                directory,
                "run",
                "prepare.rowsPerShard=64",
                "cluster.ranks=1",
                "trainLatents.run={steps: " + steps + ", globalBatch: 4, checkpointEvery: 5, keepCheckpoints: 100}");
    }

    @Test
    void trainingEndsWhenItsLeaseIsTakenAndGoesOnWhenItIsReleased() throws Exception {
        try (SparkSession session = LocalSpark.session("local[2]", "one writer").getOrCreate()) {
            JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
            Preparation.images(session, config(1).prepare()).run(SHORT);
            Storage stage = new RunDirectory(config(1), spark.hadoopConfiguration()).stage(StageName.LATENTS);
            Checkpoints checkpoints = Checkpoints.at(stage);

            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Thread training = new Thread(() -> ended.complete(catchThrowable(() -> Trainer.train(
                    spark, config(1_000_000), StageName.LATENTS, Set.of(), new StopControl(null, 0), SHORT))));
            training.start();
            while (checkpoints.committed().isEmpty() && !ended.isDone()) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThatThrownBy(() -> Trainer.train(
                            spark, config(1_000_000), StageName.LATENTS, Set.of(), new StopControl(null, 0), SHORT))
                    .isInstanceOf(LeaseException.class)
                    .hasMessageStartingWith(stage + " is written by another job: lease 1 is held by ");

            long seen;
            try (Lease other = Lease.take(stage, new LeaseTerms(1, true), "app-of-the-other", () -> {})) {
                long begin = System.nanoTime();
                assertThat(ended.get())
                        .isInstanceOf(LeaseException.class)
                        .hasMessageStartingWith("this job no longer writes to " + stage)
                        .hasMessageContaining("lease 2 is held by ")
                        .hasMessageContaining("app-of-the-other");
                // it renews every quarter of a second; the rest is for Spark to cancel on a busy machine
                assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
                seen = checkpoints.newestReadable().orElseThrow().step();
                assertThat(stage.exists("failure.json")).isFalse(); // the directory is no longer its own
            }

            int steps = (int) seen + 7;
            assertThat(Trainer.train(
                            spark,
                            config(steps),
                            StageName.LATENTS,
                            Set.of("trainLatents.run.steps"),
                            new StopControl(null, 0),
                            SHORT))
                    .isPresent();
            assertThat(checkpoints.manifest(seen).writer()).isEqualTo(new WriterId(1, 1));
            assertThat(checkpoints.manifest(steps).writer()).isEqualTo(new WriterId(3, 1));
            assertThat(checkpoints.committed()).doesNotHaveDuplicates().contains(seen, (long) steps);
            List<Long> recorded = new ArrayList<>();
            Dataset images = Dataset.open(Storage.at(config(1).data().train(), spark.hadoopConfiguration()));
            new Ledger(stage).audit(images, (step, ids) -> recorded.add(step));
            assertThat(recorded).hasSize(steps);
        }
    }
}
