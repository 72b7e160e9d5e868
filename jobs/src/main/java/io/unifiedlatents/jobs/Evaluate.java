package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.spark.Evaluator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Held-out pictures → PSNR, bits per pixel, Fréchet distance; a JSON report and a grid of reconstructions. */
@Command(name = "Evaluate", description = "figures and pictures of a checkpoint on the held-out shards")
public final class Evaluate extends Job {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new Evaluate(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        return "would judge " + config.evaluate().decoder() + " of " + config.runDirectory() + " on "
                + config.data().validation();
    }

    @Override
    int run(SparkSession spark, RunConfig config) throws Exception {
        System.out.println(Evaluator.evaluate(JavaSparkContext.fromSparkContext(spark.sparkContext()), config)
                .get("figures")
                .toPrettyString());
        System.out.println("→ " + config.runDirectory() + "/evaluation/"
                + config.evaluate().name());
        return 0;
    }
}
