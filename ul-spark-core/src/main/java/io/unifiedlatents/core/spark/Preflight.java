package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

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
        int slots = Ranks.slots(spark);
        probes.run(SLOTS, QUICK_SECONDS, "look at the executors in Spark's user interface", () -> slots(config, slots));
        if (config.compute().device().equals("gpu")) {
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
        try {
            Storage.at(config.runDirectory(), hadoop).publish(PreflightReport.NAME, report.toJson());
        } catch (IOException | FSError e) {
            System.out.println(PreflightReport.NAME + " is not written: " + ProbeRunner.message(e));
        }
        return report;
    }

    /** The rows of Spark's settings. */
    public static List<Finding> settings(SparkConf conf) {
        return List.of(
                SettingsProbe.dynamicAllocation(conf), SettingsProbe.speculation(conf), SettingsProbe.taskReaper(conf));
    }

    private static void data(ProbeRunner probes, RunConfig config, Configuration hadoop) throws InterruptedException {
        int resolution = config.prepare().resolution();
        String advice = "prepare the pictures again, copy what is missing, or name another directory";
        String train = config.data().train();
        String validation = config.data().validation();
        probes.run("data.train", SLOW_SECONDS, advice, () -> DataProbe.check("data.train", train, resolution, hadoop));
        probes.run(
                "data.validation",
                SLOW_SECONDS,
                advice,
                () -> DataProbe.check("data.validation", validation, resolution, hadoop));
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
        probes.run("disk", QUICK_SECONDS, "look at runDirectory and the sizes of the networks", () -> {
            long parameters = Stage.LATENTS.objective(config).layout().size();
            int checkpoints = config.trainLatents().run().keepCheckpoints() + 1;
            return new StoreProbe(directory, spark).space("disk", parameters, checkpoints, spark.hadoopConfiguration());
        });
    }

    private static Finding slots(RunConfig config, int slots) {
        int wanted = Math.max(1, config.cluster().ranks());
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
        Ranks.run(spark, "doctor-" + spark.sc().applicationId(), ranks, config.cluster(), new RingProbe());
        return Finding.pass(RING, "%d ranks added up in %.1f s".formatted(ranks, (System.nanoTime() - start) / 1e9));
    }
}
