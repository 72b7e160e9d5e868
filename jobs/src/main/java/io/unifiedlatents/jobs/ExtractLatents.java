package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.spark.inference.Extractor;
import io.unifiedlatents.core.telemetry.Console;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Training pictures → latents of the newest encoder, row-aligned with the shards. */
@Command(name = "ExtractLatents", description = "training pictures to latents, with the newest encoder of the run")
public final class ExtractLatents extends WritingJob {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new ExtractLatents(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would encode " + config.data().train() + " with the newest encoder of " + config.runDirectory();
    }

    @Override
    int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception {
        Dataset latents = Extractor.extract(JavaSparkContext.fromSparkContext(spark.sparkContext()), config, terms);
        Console.printf(
                "%,d latents %s of encoder %s → %s",
                latents.manifest().rows(),
                latents.manifest().latentShape(),
                latents.manifest().encoderHash(),
                latents.storage());
        return 0;
    }
}
