package io.unifiedlatents.tests.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.metrics.detector.DetectorFile;
import io.unifiedlatents.core.metrics.detector.FeatureExtractor;
import io.unifiedlatents.core.metrics.detector.FeatureStream;
import io.unifiedlatents.core.metrics.distance.FrechetDistance;
import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.metrics.features.StoredFeatures;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.Npz;
import io.unifiedlatents.core.spark.evaluation.FeatureFigures;
import io.unifiedlatents.core.spark.evaluation.References;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.tests.resnet.ResNet50;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
    private static final int PICTURES = 2_560;
    private static final int BATCH = 16;

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

    private void listen(JavaSparkContext spark) {
        spark.sc().addSparkListener(new SparkListener() {
            @Override
            public void onStageCompleted(SparkListenerStageCompleted completed) {
                StageInfo stage = completed.stageInfo();
                long begun = (Long) stage.submissionTime().get();
                long ended = (Long) stage.completionTime().get();
                stages.add("stage of %d tasks: %.1f s".formatted(stage.numTasks(), (ended - begun) * 1e-3));
            }
        });
    }

    private static SparkConf conf() {
        return new SparkConf()
                .setMaster("local[2]")
                .setAppName("benchmark")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false");
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
            StoredFeatures.write(storage, kind, unit, vectors);
            counts.add(rows);
        }
        return new StoredFeatures(directory.toString(), kind, counts);
    }

    @Test
    void figuresOfStoredFeatures(@TempDir Path directory) throws Exception {
        StoredFeatures all = stored(directory, "features", UNITS, ROWS, 0);
        StoredFeatures real = stored(directory, "real", 4, ROWS, 0);
        StoredFeatures made = stored(directory, "made", 4, ROWS, 0.01);
        try (JavaSparkContext spark = new JavaSparkContext(conf())) {
            listen(spark);
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

    /**
     * ReferenceStatistics (reading, features, their files, mean and covariance) beside a plain loop that calls the same
     * detector on pictures in memory, in as many threads as Spark has tasks, in turn.
     */
    @Test
    void featuresThroughSparkBesideAPlainLoop(@TempDir Path directory) throws Exception {
        Torch.start(1); // a task has one core
        int side = 64;
        ParameterLayout layout = new ParameterLayout();
        ResNet50.classifier(layout);
        FloatBuffer weights = FloatBuffer.allocate(Math.toIntExact(layout.size()));
        layout.initialize(weights, 1);
        Path detector = directory.resolve("resnet50.pt");
        Files.write(detector, ResNet50.detector(weights).bytes());
        byte[] pixels = new byte[PICTURES * side * side * 3];
        new Random(1).nextBytes(pixels);
        Path pictures = directory.resolve("pictures.npz");
        try (OutputStream out = Files.newOutputStream(pictures)) {
            Npz.writeStored(out, Map.of("arr_0", Npy.of(pixels, PICTURES, side, side, 3)));
        }
        RunConfig config = ConfigLoader.load(
                "",
                "runDirectory: " + directory.resolve("run"),
                List.of("evaluate.detector.file=" + detector, "evaluate.batch=" + BATCH, "compute.threads=1"));
        try (JavaSparkContext spark = new JavaSparkContext(conf())) {
            listen(spark);
            for (int round = 0; round < 3; round++) {
                stages.clear();
                double loop = plainLoop(config, detector, pixels, side);
                long start = System.nanoTime();
                References.make(
                        spark,
                        config,
                        pictures.toString(),
                        0,
                        Storage.at(directory.resolve("statistics").toString(), new Configuration()),
                        LeaseTerms.DEFAULT);
                double through = PICTURES / ((System.nanoTime() - start) * 1e-9);
                System.out.printf(
                        "  plain loop %.1f features/s (%.1f s), through Spark %.1f: %.2f %s%s%n",
                        loop, PICTURES / loop, through, through / loop, stages, round == 0 ? " (warming up)" : "");
            }
        }
    }

    /** Features a second. */
    private static double plainLoop(RunConfig config, Path detector, byte[] pixels, int side) throws Exception {
        int bytes = side * side * 3;
        DetectorFile file = DetectorFile.read("detector", detector.toString(), new Configuration());
        try (FeatureExtractor one =
                        new FeatureExtractor(file, config.evaluate().detector(), BATCH, Device.cpu(), false);
                FeatureExtractor two =
                        new FeatureExtractor(file, config.evaluate().detector(), BATCH, Device.cpu(), false)) {
            List<FeatureExtractor> extractors = List.of(one, two);
            long start = System.nanoTime();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                FeatureStream stream = extractors.get(t).stream((features, logits, spatial) -> {});
                int first = t * PICTURES / 2;
                Thread thread = new Thread(() -> {
                    for (int i = first; i < first + PICTURES / 2; i++) {
                        byte[] picture = Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes);
                        stream.add("picture " + i, new Rgb(side, side, picture));
                    }
                    stream.flush();
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            return PICTURES / ((System.nanoTime() - start) * 1e-9);
        }
    }
}
