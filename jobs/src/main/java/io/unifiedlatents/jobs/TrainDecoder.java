package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.spark.Stage;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Stage 2 of the decoder, on frozen latents; refuses latents of another encoder. The same command again resumes. */
@Command(name = "TrainDecoder", description = "stage 2: the diffusion decoder, on frozen latents")
public final class TrainDecoder extends Job {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new TrainDecoder(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return Training.plan(config, Stage.DECODER);
    }

    @Override
    void run(SparkSession spark, RunConfig config) throws Exception {
        Training.run(spark, config, Stage.DECODER);
    }
}
