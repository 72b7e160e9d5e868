package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.dataprep.PrepareReport;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Videos → Parquet shards of clips, one status row per input. */
@Command(name = "PrepareVideos", description = "videos to Parquet shards of clips")
public final class PrepareVideos extends WritingJob {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new PrepareVideos(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would prepare " + config.prepare().source() + " at "
                + config.prepare().width() + " × " + config.prepare().height() + " pixels, "
                + config.prepare().clips().frames() + " frames, into "
                + config.prepare().output();
    }

    @Override
    int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception {
        PrepareReport report = Preparation.videos(spark, config.prepare()).run(terms);
        Console.println(report.summary() + " → " + config.prepare().output());
        return 0;
    }
}
