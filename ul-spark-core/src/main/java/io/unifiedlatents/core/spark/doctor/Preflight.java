package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.config.DeviceKind;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.spark.cluster.Slots;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.spark.ranks.Ranks;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;

/**
 * Looks whether a cluster, a store and data fit a run before it starts. Each check is bounded in time, and none hides
 * another: whatever it throws is its row.
 */
public final class Preflight {
    private static final int QUICK_SECONDS = 60;
    private static final int SLOW_SECONDS = 300;
    private static final String SLOTS = "slots";
    private static final String RING = "ring";

    private Preflight() {}

    /**
     * Runs all checks and writes {@value PreflightReport#NAME} to the run directory, where it can be written: where
     * not, the report says so.
     */
    public static PreflightReport check(JavaSparkContext spark, RunConfig config) throws InterruptedException {
        Configuration hadoop = spark.hadoopConfiguration();
        ProbeRunner probes = new ProbeRunner(spark);
        for (Finding setting : settings(spark.getConf())) {
            probes.run(setting.check(), QUICK_SECONDS, "", () -> setting);
        }
        AtomicInteger found = new AtomicInteger();
        probes.run(
                SLOTS,
                config.cluster().waitForSlotsSeconds() + QUICK_SECONDS,
                "look at the executors in Spark's user interface",
                () -> slots(spark, config, found));
        int slots = found.get();
        if (config.compute().device() == DeviceKind.GPU) {
            probes.run("gpu resource", QUICK_SECONDS, "", () -> SettingsProbe.gpu(spark.getConf()));
        }
        data(probes, config, hadoop);
        store(probes, spark, config, slots);
        probes.run(
                "libtorch",
                SLOW_SECONDS,
                "look at the executors' logs; the jars must lie on their class path",
                () -> SlotProbe.libtorch("libtorch", spark, config, slots));
        int ringSeconds = config.cluster().peerTimeoutSeconds() + QUICK_SECONDS;
        probes.run(
                RING,
                ringSeconds,
                "open cluster.firstPort to cluster.lastPort between the executors",
                () -> ring(spark, config, slots));
        probes.run(
                "clocks",
                QUICK_SECONDS,
                "look at the executors' logs",
                () -> SlotProbe.clocks("clocks", spark, Math.max(1, slots)));
        PreflightReport report = new PreflightReport(probes.findings());
        Finding written = probes.bounded(PreflightReport.NAME, QUICK_SECONDS, "", () -> {
            Storage.at(config.runDirectory(), hadoop).publish(PreflightReport.NAME, report.toJson());
            return Finding.pass(PreflightReport.NAME, "");
        });
        if (written.status() == Finding.Status.FAIL) {
            Console.println(PreflightReport.NAME + " is not written: " + written.found());
        }
        return report;
    }

    /** The rows of Spark's settings. */
    public static List<Finding> settings(SparkConf conf) {
        return List.of(
                SettingsProbe.dynamicAllocation(conf), SettingsProbe.speculation(conf), SettingsProbe.taskReaper(conf));
    }

    private static void data(ProbeRunner probes, RunConfig config, Configuration hadoop) throws InterruptedException {
        SampleShape shape = config.model();
        String advice = "prepare the pictures again, copy what is missing, or name another directory";
        String train = config.data().train();
        String validation = config.data().validation();
        probes.run("data.train", SLOW_SECONDS, advice, () -> DataProbe.check("data.train", train, shape, hadoop));
        probes.run(
                "data.validation",
                SLOW_SECONDS,
                advice,
                () -> DataProbe.check("data.validation", validation, shape, hadoop));
    }

    private static void store(ProbeRunner probes, JavaSparkContext spark, RunConfig config, int slots)
            throws InterruptedException {
        String directory = config.runDirectory();
        probes.run(
                "run directory",
                QUICK_SECONDS,
                "name a directory that this user may write, as runDirectory",
                () -> new StoreProbe(directory, spark).semantics("run directory"));
        probes.run(
                "shared store",
                QUICK_SECONDS,
                "set runDirectory to a store that all machines share, as hdfs: or s3a:",
                () -> new StoreProbe(directory, spark).shared("shared store", spark, slots));
        probes.run(
                "disk",
                QUICK_SECONDS,
                "look at runDirectory and the sizes of the networks",
                () -> new StoreProbe(directory, spark).space("disk", config, spark.hadoopConfiguration()));
    }

    private static Finding slots(JavaSparkContext spark, RunConfig config, AtomicInteger count)
            throws InterruptedException {
        ClusterConfig cluster = config.cluster();
        int wanted = Math.max(1, cluster.ranks());
        ResourceProfile resources = TaskResources.ofRank(spark, cluster, config.compute());
        int slots = Slots.await(spark, resources, cluster, wanted, () -> false);
        count.set(slots);
        String found = String.format(
                "%d slots, cluster.ranks=%d", slots, config.cluster().ranks());
        return slots >= wanted
                ? Finding.pass(SLOTS, found)
                : Finding.fail(SLOTS, found, "add executors or cores, or set cluster.ranks=" + Math.max(1, slots));
    }

    private static Finding ring(JavaSparkContext spark, RunConfig config, int slots) {
        int ranks = config.cluster().ranks() == 0 ? slots : config.cluster().ranks();
        if (ranks > slots) {
            return Finding.warn(RING, "not tried: %d ranks, %d slots".formatted(ranks, slots), "see " + SLOTS);
        }
        long start = System.nanoTime();
        ResourceProfile resources = TaskResources.ofRank(spark, config.cluster(), config.compute());
        Ranks.run(spark, "doctor-" + spark.sc().applicationId(), resources, ranks, config.cluster(), new RingProbe());
        return Finding.pass(RING, "%d ranks added up in %.1f s".formatted(ranks, (System.nanoTime() - start) / 1e9));
    }
}
