package io.unifiedlatents.core.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.config.ComputeConfig;
import io.unifiedlatents.core.config.DeviceKind;
import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.config.Precision;
import io.unifiedlatents.core.spark.ranks.RankTask;
import io.unifiedlatents.core.spark.ranks.Ranks;
import io.unifiedlatents.core.train.Pulse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tasks get on Spark's own master, workers and executors. The GPUs are addresses that a script invents. */
@Timeout(120)
class TaskResourcesTest {
    private static final ComputeConfig AUTO = compute(DeviceKind.AUTO);
    private static final ComputeConfig CPU = compute(DeviceKind.CPU);
    private static final ComputeConfig GPU = compute(DeviceKind.GPU);

    @TempDir
    private Path directory;

    private static ComputeConfig compute(DeviceKind device) {
        return new ComputeConfig(Precision.FP32, NormKind.LAYER, device, 1);
    }

    private static ClusterConfig cluster(int coresPerRank) {
        return new ClusterConfig(2, 0, coresPerRank, 60, 5, 60, 60, 60, 0, 0, Precision.FP32);
    }

    /** Writes down where a rank runs and what it holds: executor, cores, device. */
    private record Place(String directory, DeviceKind device) implements RankTask {
        @Override
        public long run(Collective collective, Pulse pulse) throws IOException {
            TaskContext task = TaskContext.get();
            String line = String.format(
                    "executor %s, %d cores, %s",
                    SparkEnv.get().executorId(), task.cpus(), Devices.choice(compute(device), task));
            Files.writeString(Path.of(directory, "rank-" + collective.rank()), line);
            return 0;
        }
    }

    /** Where ranks that run at the same time are, in no order. */
    private List<String> places(JavaSparkContext spark, ResourceProfile resources, int ranks, ComputeConfig compute)
            throws IOException {
        Path places = Files.createTempDirectory(directory, "places");
        Ranks.run(spark, "test", resources, ranks, cluster(0), new Place(places.toString(), compute.device()));
        return read(places);
    }

    private static List<String> read(Path places) throws IOException {
        try (Stream<Path> files = Files.list(places)) {
            TreeSet<String> lines = new TreeSet<>();
            for (Path file : files.toList()) {
                lines.add(Files.readString(file) + " " + file.getFileName());
            }
            return lines.stream()
                    .map(line -> line.replaceFirst(" rank-\\d+$", ""))
                    .toList();
        }
    }

    /**
     * A discovery script of a machine with GPUs; with {@code each} 1, of machines with one GPU each, which all differ.
     */
    private SparkConf withGpus(SparkConf conf, int each) throws IOException {
        Path script = directory.resolve("gpus.sh");
        String addresses = String.join(
                "\", \"", IntStream.range(0, each).mapToObj(i -> i + "").toList());
        Files.writeString(
                script,
                each > 1
                        ? "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"" + addresses + "\"]}'\n"
                        : "#!/bin/sh\nn=0; while ! mkdir " + directory + "/gpu-$n 2>/dev/null; do n=$((n+1)); done\n"
                                + "echo \"{\\\"name\\\": \\\"gpu\\\", \\\"addresses\\\": [\\\"$n\\\"]}\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return conf.set("spark.worker.resource.gpu.amount", Integer.toString(each))
                .set("spark.worker.resource.gpu.discoveryScript", script.toString())
                .set("spark.executor.resource.gpu.amount", Integer.toString(each));
    }

    @Test
    void aRankHoldsAnExecutorWithItsGpuWhileOtherTasksHoldACoreEach() throws Exception {
        try (JavaSparkContext spark = new JavaSparkContext(withGpus(LocalCluster.conf(2, 2), 1))) {
            ResourceProfile rank = TaskResources.ofRank(spark, cluster(2), GPU);
            ResourceProfile network = TaskResources.ofNetworks(spark, AUTO);
            ResourceProfile other = TaskResources.ofNetworks(spark, CPU);
            assertThat(Slots.await(spark, other, cluster(0), 4, () -> false)).isEqualTo(4);
            assertThat(Slots.count(spark, rank)).isEqualTo(2);
            assertThat(Slots.count(spark, network)).isEqualTo(2);

            assertThat(places(spark, rank, 2, GPU))
                    .extracting(place -> place.replaceFirst("executor [01], ", ""))
                    .containsExactlyInAnyOrder("2 cores, gpu(0)", "2 cores, gpu(1)");
            assertThat(places(spark, other, 4, AUTO)) // a barrier stage: all four run at once
                    .containsExactly(
                            "executor 0, 1 cores, cpu()",
                            "executor 0, 1 cores, cpu()",
                            "executor 1, 1 cores, cpu()",
                            "executor 1, 1 cores, cpu()");
        }
    }

    @Test
    void tasksOfOneProcessNeverShareAGpu() throws Exception {
        SparkConf conf = withGpus(LocalCluster.conf(1, 2), 2).set("spark.task.resource.gpu.amount", "1");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            ResourceProfile rank = TaskResources.ofRank(spark, cluster(0), AUTO);
            assertThat(Slots.await(spark, rank, cluster(0), 2, () -> false)).isEqualTo(2);
            for (int repeat = 0; repeat < 3; repeat++) {
                assertThat(places(spark, rank, 2, AUTO))
                        .containsExactly("executor 0, 1 cores, gpu(0)", "executor 0, 1 cores, gpu(1)");
            }
        }
    }

    @Test
    void aGpuThatIsNotThereNamesTheSetting() {
        SparkConf conf = new SparkConf()
                .setMaster("local[1]")
                .setAppName("test")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            ResourceProfile resources = TaskResources.ofRank(spark, cluster(0), GPU);
            assertThatThrownBy(() -> places(spark, resources, 1, GPU))
                    .hasMessageContaining("compute.device is gpu, but Spark gave this task none; set"
                            + " spark.executor.resource.gpu.amount=1");
            assertThatThrownBy(() -> TaskResources.ofRank(spark, cluster(4), AUTO))
                    .hasMessage("cluster.coresPerRank is 4, but with master local[1] tasks are threads of one process;"
                            + " set it to 0, or use a standalone, YARN or Kubernetes cluster");
        }
    }
}
