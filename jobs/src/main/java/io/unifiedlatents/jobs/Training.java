package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.Stage;
import io.unifiedlatents.core.spark.Trainer;
import io.unifiedlatents.core.train.RunEstimate;
import java.io.IOException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** What both training jobs do. */
final class Training {
    private Training() {}

    static String plan(RunConfig config, Stage stage) {
        int ranks = Math.max(1, config.cluster().ranks());
        return "would train " + stage + " on " + ranks + " ranks: "
                + RunEstimate.of(stage.objective(config), stage.config(config).run(), ranks);
    }

    static void run(SparkSession spark, RunConfig config, Stage stage) throws IOException {
        Exports exports = Trainer.train(JavaSparkContext.fromSparkContext(spark.sparkContext()), config, stage);
        System.out.printf("step %,d exported → %s %s%n", exports.step(), exports.directory(), exports.sha256());
    }
}
