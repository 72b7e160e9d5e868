package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.metrics.features.StatisticsManifest;
import io.unifiedlatents.core.spark.evaluation.References;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Pictures or clips → features, their mean and covariance, and a manifest, to be evaluated against. */
@Command(
        name = "ReferenceStatistics",
        description = "features of a data set under evaluate.detector, with mean and covariance as .npz, for"
                + " evaluate.reference")
public final class ReferenceStatistics extends WritingJob {
    @Option(names = "--data", defaultValue = "", description = "data set, or .npz file with arr_0; data.train")
    private String data = "";

    @Option(names = "--count", defaultValue = "0", description = "pictures or clips taken, from the first on; 0: all")
    private int count;

    @Option(names = "--output", required = true, description = "directory for the statistics")
    private String output = "";

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new ReferenceStatistics(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would make statistics of " + set(config) + " under "
                + config.evaluate().detector().file();
    }

    @Override
    int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception {
        Check.setting(
                !config.evaluate().detector().file().isEmpty(),
                "evaluate.detector.file is empty; name the detector that statistics are made with");
        Storage directory = Storage.at(output, spark.sparkContext().hadoopConfiguration());
        StatisticsManifest made = References.make(
                JavaSparkContext.fromSparkContext(spark.sparkContext()), config, set(config), count, directory, terms);
        Console.printf(
                "%,d of %s, %,d vectors of %,d dimensions → %s",
                made.count(), made.source(), made.vectors(), made.dimensions(), directory);
        return 0;
    }

    private String set(RunConfig config) {
        return data.isEmpty() ? config.data().train() : absolute(data);
    }
}
