package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.spark.Stage;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Stage 1: encoder, prior and decoder trained jointly, data-parallel. The same command again resumes. */
@Command(name = "TrainLatents", description = "stage 1: encoder, prior and decoder, jointly")
public final class TrainLatents extends Job {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new TrainLatents(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return Training.plan(config, Stage.LATENTS);
    }

    @Override
    void run(SparkSession spark, RunConfig config) throws Exception {
        Training.run(spark, config, Stage.LATENTS);
    }
}
