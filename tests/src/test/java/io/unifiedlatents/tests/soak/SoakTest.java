package io.unifiedlatents.tests.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.spark.training.Trainer;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.tests.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * 10,000 steps of two ranks in processes of their own, with checkpoints and ledger: memory must not grow. Executors
 * touch their whole heap at the start, so what becomes resident later is native memory. Run with
 *
 * <pre>
 * mvn -pl tests -am verify -Dtest.excluded= -Dsurefire.failIfNoSpecifiedTests=false -Dtest=SoakTest
 * </pre>
 */
@Tag("soak")
@Timeout(3600)
class SoakTest {
    private static final long STEPS = Long.getLong("soak.steps", 10_000);

    /** The just-in-time compiler has seen every path by then, checkpoints and the deletion of old ones too. */
    private static final double WARM = 0.2;

    private static final long MIB = 1 << 20;

    @TempDir
    private Path directory;

    /** What a rank's process held after a step. */
    private record Sample(long step, long residentBytes, long heapBytes) {}

    private RunConfig config() {
        return TinyRun.config(
                directory,
                "run",
                "cluster={ranks: 2, waitForSlotsSeconds: 120, stallSeconds: 60, peerTimeoutSeconds: 60}",
                "trainLatents.run={steps: " + STEPS + ", checkpointEvery: 100, keepCheckpoints: 3, logEvery: 20}",
                "trainLatents.optimizer={learningRate: 1.0e-3, warmupSteps: 50}");
    }

    @Test
    void memoryStaysFlat() throws Exception {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars")); // Spark looks for it
        try (SparkSession session = SparkSession.builder()
                .master("local-cluster[2,1,1024]")
                .appName("soak")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.executor.memory", "512m")
                .config("spark.executor.extraJavaOptions", "-Xms512m -XX:+AlwaysPreTouch")
                .config("spark.executor.extraClassPath", System.getProperty("surefire.test.class.path"))
                .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
                .config("spark.plugins", ProgressPlugin.class.getName())
                .getOrCreate()) {
            JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
            Preparation.images(session, config().prepare()).run(LeaseTerms.DEFAULT);
            assertThat(Trainer.train(
                            spark, config(), StageName.LATENTS, Set.of(), new StopControl(null, 0), LeaseTerms.DEFAULT))
                    .isPresent();
        }
        for (int rank = 0; rank < 2; rank++) {
            requireFlat(rank, samples(rank));
        }
    }

    private List<Sample> samples(int rank) throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve("run/latents/log-0.jsonl"))) {
            JsonNode event = new ObjectMapper().readTree(line);
            if (event.get("event").asText().equals("progress")
                    && event.get("residentBytes").size() == 2) {
                samples.add(new Sample(
                        event.get("step").asLong(),
                        event.get("residentBytes").get(rank).asLong(),
                        event.get("heapBytes").get(rank).asLong()));
            }
        }
        return samples;
    }

    private static void requireFlat(int rank, List<Sample> samples) {
        List<Sample> warm =
                samples.stream().filter(sample -> sample.step > WARM * STEPS).toList();
        List<Sample> first = warm.subList(0, warm.size() / 8);
        List<Sample> last = warm.subList(warm.size() - warm.size() / 8, warm.size());
        double resident = mean(first, Sample::residentBytes);
        double growth = mean(last, Sample::residentBytes) - resident;
        // garbage comes and goes: the least that was seen in a window is what a collection left
        long heap = least(first);
        long heapGrowth = least(last) - heap;
        System.out.printf(
                "rank %d, steps %,d to %,d: resident %,.1f MiB, growth %,.2f MiB, slope %,.1f bytes a step; heap %,.1f"
                        + " MiB, growth %,.2f MiB%n",
                rank,
                warm.get(0).step,
                STEPS,
                resident / MIB,
                growth / MIB,
                slope(warm),
                heap / (double) MIB,
                heapGrowth / (double) MIB);
        // 1 % for the allocator's fragments, 4 MiB for code that is compiled late: a leak of 2 kB a step would show
        assertThat(growth).as("growth of resident memory of rank %d", rank).isLessThan(0.01 * resident + 4 * MIB);
        // Spark keeps the last of what it reports, and little else grows with time
        assertThat(heapGrowth).as("growth of the heap of rank %d", rank).isLessThan(8 * MIB);
    }

    private static double mean(List<Sample> samples, ToDoubleFunction<Sample> bytes) {
        return samples.stream().mapToDouble(bytes).average().orElseThrow();
    }

    private static long least(List<Sample> samples) {
        return samples.stream().mapToLong(Sample::heapBytes).min().orElseThrow();
    }

    /** Of resident memory against steps, by least squares; bytes a step. */
    private static double slope(List<Sample> samples) {
        double step = mean(samples, Sample::step);
        double resident = mean(samples, Sample::residentBytes);
        double covariance = mean(samples, sample -> (sample.step - step) * (sample.residentBytes - resident));
        double variance = mean(samples, sample -> (sample.step - step) * (sample.step - step));
        return covariance / variance;
    }
}
