package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.spark.inference.Sampling;
import io.unifiedlatents.core.telemetry.Console;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Base model and decoder → a data set of pictures, and a grid of the first. The same command again finds it done. */
@Command(name = "Sample", description = "pictures out of noise, by base model and decoder of the run")
public final class Sample extends WritingJob {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new Sample(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return String.format(
                "would sample %,d pictures with the base model and the decoder of %s of %s",
                config.sample().images(), config.sample().decoder(), config.runDirectory());
    }

    @Override
    int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception {
        Dataset samples = Sampling.sample(JavaSparkContext.fromSparkContext(spark.sparkContext()), config, terms);
        Console.printf(
                "%,d samples → %s (grid: %s)",
                samples.manifest().rows(), samples.storage(), samples.storage().path(Sampling.GRID));
        return 0;
    }
}
