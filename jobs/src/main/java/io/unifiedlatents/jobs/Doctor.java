package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.spark.doctor.Preflight;
import io.unifiedlatents.core.spark.doctor.PreflightReport;
import io.unifiedlatents.core.telemetry.Console;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Cluster, store, data and config → a table of what would keep a run from working. */
@Command(name = "Doctor", description = "checks cluster, store and data before a run; exit code 1 where one fails")
public final class Doctor extends Job {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new Doctor(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would check the cluster, " + config.runDirectory() + ", "
                + config.data().train() + " and " + config.data().validation();
    }

    @Override
    int run(SparkSession spark, RunConfig config) throws Exception {
        PreflightReport report = Preflight.check(JavaSparkContext.fromSparkContext(spark.sparkContext()), config);
        Console.println(report.table());
        return report.sound() ? 0 : FAILED;
    }
}
