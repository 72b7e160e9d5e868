package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.dataprep.PrepareReport;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Directory tree of pictures → Parquet shards for training and for evaluation, one status row per input. */
@Command(name = "PrepareImages", description = "pictures in folders to Parquet shards")
public final class PrepareImages extends WritingJob {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new PrepareImages(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would prepare " + config.prepare().source() + " at "
                + config.prepare().width() + " × " + config.prepare().height() + " pixels into "
                + config.prepare().output();
    }

    @Override
    int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception {
        PrepareReport report = Preparation.images(spark, config.prepare()).run(terms);
        Console.println(report.summary() + " → " + config.prepare().output());
        return 0;
    }
}
