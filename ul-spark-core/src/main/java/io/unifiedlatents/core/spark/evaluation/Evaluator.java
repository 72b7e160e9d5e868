package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Judges pictures and clips over the cluster. Figures are joined in the order of units, which are properties of the
 * data, so that they do not depend on who computed what.
 */
public final class Evaluator {
    /** Pictures beside their reconstructions. */
    public static final String GRID = "grid.png";

    /** Directory of features while they are needed. */
    private static final String FEATURES = "features";

    private Evaluator() {}

    /** Where a config's evaluation writes: {@code <runDirectory>/evaluation/<name>}. */
    public static Storage directory(JavaSparkContext spark, RunConfig config) throws IOException {
        return Storage.at(config.runDirectory(), spark.hadoopConfiguration())
                .directory("evaluation/" + config.evaluate().name());
    }

    /**
     * Evaluates and writes {@value EvaluationReport#FILE}, {@value EvaluationReport#PAGE}, and of reconstructions
     * {@value #GRID}, to {@link #directory}.
     *
     * @return the report
     */
    public static EvaluationReport evaluate(JavaSparkContext spark, RunConfig config) throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Storage directory = directory(spark, config);
        directory.delete(EvaluationReport.FILE); // until there is a new one
        EvaluationReport report = evaluate.samples().isEmpty()
                ? new ReconstructionEvaluation(spark, config, directory).run(directory.directory(FEATURES))
                : new SampleEvaluation(spark, config, directory).run(directory.directory(FEATURES));
        directory.publish(EvaluationReport.FILE, report.toJson());
        directory.delete(FEATURES);
        return report;
    }
}
