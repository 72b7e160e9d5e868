package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.config.DeviceKind;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.spark.cluster.Slots;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.spark.ranks.Ranks;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;

/**
 * The checks whether a cluster, a store and data fit a run before it starts. Each check is bounded in time, and none
 * hides another: an exception of a check is its row.
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
        probes.findings().addAll(settings(spark.getConf()));
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
                () -> SlotProbe.libtorch(spark, config, slots));
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
                () -> SlotProbe.clocks(spark, Math.max(1, slots)));
        PreflightReport report = new PreflightReport(probes.findings());
        Finding written = probes.bounded(PreflightReport.NAME, QUICK_SECONDS, "", () -> {
            Storage.at(config.runDirectory(), hadoop).publish(PreflightReport.NAME, report.toJson());
            return Finding.pass("");
        });
        if (written.status() == Finding.Status.FAIL) {
            Console.println(PreflightReport.NAME + " is not written: " + written.found());
        }
        return report;
    }

    /** The rows of Spark's settings. */
    public static List<Finding> settings(SparkConf conf) {
        return SettingsProbe.all(conf);
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
                () -> new StoreProbe(directory, spark).semantics());
        probes.run(
                "shared store",
                QUICK_SECONDS,
                "set runDirectory to a store that all machines share, as hdfs: or s3a:",
                () -> new StoreProbe(directory, spark).shared(spark, slots));
        probes.run(
                "disk",
                QUICK_SECONDS,
                "look at runDirectory and the sizes of the networks",
                () -> new StoreProbe(directory, spark).space(config, spark.hadoopConfiguration()));
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
        String advice = "add executors or cores, or set cluster.ranks=" + Math.max(1, slots);
        return Finding.passIf(slots >= wanted, found, Finding.Status.FAIL, advice);
    }

    private static Finding ring(JavaSparkContext spark, RunConfig config, int slots) {
        int ranks = config.cluster().ranks() == 0 ? slots : config.cluster().ranks();
        if (ranks > slots) {
            String found = "not tried: %d ranks, %d slots".formatted(ranks, slots);
            return Finding.passIf(false, found, Finding.Status.WARN, "see " + SLOTS);
        }
        long start = System.nanoTime();
        ResourceProfile resources = TaskResources.ofRank(spark, config.cluster(), config.compute());
        String attempt = "doctor-" + spark.sc().applicationId();
        Ranks.run(spark, attempt, resources, ranks, config.cluster(), (collective, pulse) -> addUp(collective));
        return Finding.pass("%d ranks added up in %.1f s".formatted(ranks, (System.nanoTime() - start) / 1e9));
    }

    /** Has all ranks add up their numbers, over the connections that gradients take. */
    private static long addUp(Collective collective) throws IOException {
        int ranks = collective.worldSize();
        double sum = collective.allReduce(collective.rank() + 1.0)[0];
        double expected = ranks * (ranks + 1) / 2.0;
        if (sum != expected) {
            throw new IllegalStateException(
                    "the ranks' numbers 1 to %d add up to %s, not %s".formatted(ranks, sum, expected));
        }
        collective.barrier();
        return 0;
    }
}
