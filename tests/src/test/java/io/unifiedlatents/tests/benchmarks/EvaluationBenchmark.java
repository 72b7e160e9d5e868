package io.unifiedlatents.tests.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.unifiedlatents.core.metrics.FeatureFiles;
import io.unifiedlatents.core.metrics.FeatureRun;
import io.unifiedlatents.core.metrics.FeatureStats;
import io.unifiedlatents.core.metrics.FrechetDistance;
import io.unifiedlatents.core.metrics.Gaussian;
import io.unifiedlatents.core.spark.FeatureFigures;
import io.unifiedlatents.core.spark.StoredFeatures;
import io.unifiedlatents.core.storage.Storage;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.StageInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seconds and memory of the figures made of 50,000 stored features of 2,048 numbers in 50 units, two cores; of the
 * quadratic ones, those of a part. Printed, never asserted. Run with
 *
 * <pre>
 * mvn -pl tests -am test -Dtest.excluded= -Dtest=EvaluationBenchmark \
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("benchmark")
class EvaluationBenchmark {
    private static final int UNITS = 50;
    private static final int ROWS = 1000;
    private static final int DIMENSIONS = 2048;
    private static final int GROUPS = 10;

    /** Time of cores says more than time on a machine that does other things, too. */
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final List<String> stages = Collections.synchronizedList(new ArrayList<>());

    /** What is measured. */
    private interface Figure<T> {
        T compute() throws Exception;
    }

    private <T> T timed(String name, Figure<T> figure) throws Exception {
        stages.clear();
        List<MemoryPoolMXBean> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
        System.gc(); // else the peak is that of the figure before
        heap.forEach(MemoryPoolMXBean::resetPeakUsage);
        long start = System.nanoTime();
        long startCpu = PROCESS.getProcessCpuTime();
        T result = figure.compute();
        double seconds = (System.nanoTime() - start) * 1e-9;
        double cpu = (PROCESS.getProcessCpuTime() - startCpu) * 1e-9;
        long peak =
                heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        System.out.printf(
                "  %-58s %7.1f s, %7.1f s of cores, heap at most %,5d MB %s%n",
                name, seconds, cpu, peak / 1_000_000, stages);
        return result;
    }

    private static StoredFeatures stored(Path directory, String kind, int units, int rows, double mean)
            throws Exception {
        Storage storage = Storage.at(directory.toString(), new Configuration());
        Random random = new Random(1);
        List<Integer> counts = new ArrayList<>();
        for (int unit = 0; unit < units; unit++) {
            List<float[]> vectors = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                float[] vector = new float[DIMENSIONS];
                for (int i = 0; i < DIMENSIONS; i++) {
                    vector[i] = (float) (mean + random.nextGaussian());
                }
                vectors.add(vector);
            }
            FeatureFiles.write(storage, kind, unit, vectors);
            counts.add(rows);
        }
        return new StoredFeatures(directory.toString(), new FeatureFiles(kind, counts));
    }

    @Test
    void figuresOfStoredFeatures(@TempDir Path directory) throws Exception {
        StoredFeatures all = stored(directory, "features", UNITS, ROWS, 0);
        StoredFeatures real = stored(directory, "real", 4, ROWS, 0);
        StoredFeatures made = stored(directory, "made", 4, ROWS, 0.01);
        SparkConf conf = new SparkConf()
                .setMaster("local[2]")
                .setAppName("benchmark")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onStageCompleted(SparkListenerStageCompleted completed) {
                    StageInfo stage = completed.stageInfo();
                    long begun = (Long) stage.submissionTime().get();
                    long ended = (Long) stage.completionTime().get();
                    stages.add("stage of %d tasks: %.1f s".formatted(stage.numTasks(), (ended - begun) * 1e-3));
                }
            });
            FeatureFigures figures = new FeatureFigures(spark);
            System.out.printf(
                    "%n%,d features of %,d numbers in %d units, two cores, heap of %,d MB%n",
                    all.count(), DIMENSIONS, UNITS, Runtime.getRuntime().maxMemory() / 1_000_000);
            List<FeatureStats> groups =
                    timed("statistics of " + GROUPS + " groups", () -> figures.statistics(all, GROUPS));
            Gaussian whole = timed("merged on the driver", () -> FeatureRun.merged(groups))
                    .gaussian();
            Gaussian part = timed("statistics of 1 group of 4,000", () -> figures.statistics(made, 1))
                    .get(0)
                    .gaussian();
            timed("Fréchet distance", () -> FrechetDistance.of(part, whole));
            timed("kernel distance of 16 subsets of 1,000", () -> figures.kernelDistance(all, made, 16, 1000, 1));
            timed("precision, recall, density, coverage of 2 x 4,000", () -> figures.precisionRecall(real, made, 3));
            assertThat(whole.count()).isEqualTo(all.count());
        }
    }
}
