package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.report.Comparison;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.spark.evaluation.Evaluator;
import io.unifiedlatents.core.telemetry.Console;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Reconstructions of held-out pictures, or samples → figures with their card, as JSON and as a page. */
@Command(name = "Evaluate", description = "figures and pictures of a checkpoint on held-out shards, or of samples")
public final class Evaluate extends WritingJob {
    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new Evaluate(), arguments);
    }

    @Override
    String plan(RunConfig config) {
        String samples = config.evaluate().samples();
        return samples.isEmpty()
                ? "would judge " + config.evaluate().decoder() + " of " + config.runDirectory() + " on "
                        + config.data().validation()
                : "would judge " + samples;
    }

    @Override
    int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        EvaluationReport report = Evaluator.evaluate(context, config, terms);
        Console.println(new Comparison(List.of(new Comparison.Entry(report.name(), report))).table());
        Console.println("→ " + Evaluator.directory(context, config).path(EvaluationReport.PAGE));
        return 0;
    }
}
