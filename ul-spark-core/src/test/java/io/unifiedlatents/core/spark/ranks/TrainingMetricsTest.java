package io.unifiedlatents.core.spark.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.telemetry.MemoryUse;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.train.StateBytes;
import io.unifiedlatents.core.train.TrainReport;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.junit.jupiter.api.Test;

/** From a task over the plugin to the driver's Prometheus page. */
class TrainingMetricsTest {
    private static final String SINK = "spark.metrics.conf.*.sink.prometheusServlet.";

    private static final class Report implements VoidFunction<Integer> {
        @Override
        public void call(Integer ignored) throws Exception {
            Object answer = ProgressPlugin.ask(
                    new TrainReport( // asked, so that it has arrived when the task ends
                            120,
                            1000,
                            64,
                            Map.of("loss", 2.5, "bitsPerPixel", 0.125),
                            0.5,
                            1e-3,
                            4,
                            10,
                            Map.of(
                                    Phase.DATA,
                                    0.25,
                                    Phase.COMPUTE,
                                    3.0,
                                    Phase.COMMUNICATION,
                                    0.5,
                                    Phase.CHECKPOINT,
                                    0.0625),
                            1.5,
                            1e12));
            for (int rank = 0; rank < 2; rank++) {
                ProgressPlugin.ask(new RankMemory(
                        rank,
                        2,
                        "host",
                        120,
                        new MemoryUse(3000 - 1000 * rank, 200, 100),
                        StateBytes.of(new Partition(64, 2), rank)));
            }
            if (answer != null) {
                throw new IllegalStateException("nobody listens, yet something answered: " + answer);
            }
        }
    }

    @Test
    void reportsAppearOnThePrometheusPage() throws Exception {
        SparkConf conf = new SparkConf()
                .setMaster("local[1]")
                .setAppName("metrics")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.port", "0")
                .set("spark.plugins", ProgressPlugin.class.getName())
                .set(SINK + "class", "org.apache.spark.metrics.sink.PrometheusServlet")
                .set(SINK + "path", "/metrics/prometheus");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            assertThat(page(spark)).containsPattern("step_Value\\S* NaN");
            spark.parallelize(List.of(1), 1).foreach(new Report());
            String page = page(spark);
            Map.of(
                            "residentBytes", "3000.0", // of rank 0, which has more
                            "heapBytes", "200.0",
                            "directBytes", "100.0",
                            "stateBytes", "896.0") // 4 bytes: 64 parameters, 64 gradients, 3 times the own 32
                    .forEach((name, value) -> assertThat(page)
                            .containsPattern(
                                    "ProgressPlugin_" + name + "_Value\\S* " + value.replace(".", "\\.") + "\n"));
            Map.of(
                            "step", "120.0",
                            "imagesPerSecond", "160.0",
                            "loss", "2.5",
                            "bitsPerPixel", "0.125",
                            "communicationOverlap", "0.75",
                            "phaseSeconds_data", "0.25",
                            "phaseSeconds_compute", "3.0",
                            "phaseSeconds_communication", "0.5",
                            "phaseSeconds_checkpoint", "0.0625")
                    .forEach((name, value) -> assertThat(page)
                            .containsPattern(
                                    "ProgressPlugin_" + name + "_Value\\S* " + value.replace(".", "\\.") + "\n"));
        }
    }

    private static String page(JavaSparkContext spark) throws Exception {
        String address = spark.sc().uiWebUrl().get().replaceFirst("//[^:/]+", "//127.0.0.1");
        try (InputStream in =
                URI.create(address + "/metrics/prometheus/").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
