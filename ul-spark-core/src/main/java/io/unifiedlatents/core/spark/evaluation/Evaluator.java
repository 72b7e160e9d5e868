package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.spark.cluster.LeasedWork;
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

    /** Directory of features while they are needed, in one of the lease. */
    private static final String FEATURES = "features";

    private Evaluator() {}

    /** The directory that a config's evaluation writes to: {@code <runDirectory>/evaluation/<name>}. */
    public static Storage directory(JavaSparkContext spark, RunConfig config) throws IOException {
        return Storage.at(config.runDirectory(), spark.hadoopConfiguration())
                .directory("evaluation/" + config.evaluate().name());
    }

    /**
     * Evaluates and writes {@value EvaluationReport#FILE}, {@value EvaluationReport#PAGE}, and of reconstructions
     * {@value #GRID}, to {@link #directory}.
     *
     * @param terms of the lease of that directory
     * @return the report
     * @throws io.unifiedlatents.core.lease.LeaseException if another job writes an evaluation of that name
     */
    public static EvaluationReport evaluate(JavaSparkContext spark, RunConfig config, LeaseTerms terms)
            throws IOException, InterruptedException {
        return LeasedWork.run(spark, directory(spark, config), terms, lease -> evaluate(spark, config, lease));
    }

    private static EvaluationReport evaluate(JavaSparkContext spark, RunConfig config, Lease lease) throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Storage directory = directory(spark, config);
        Storage features = directory.directory(FEATURES).directory(Long.toString(lease.number()));
        directory.delete(EvaluationReport.FILE); // until there is a new one
        EvaluationReport report = evaluate.samples().isEmpty()
                ? new ReconstructionEvaluation(spark, config, directory).run(features)
                : new SampleEvaluation(spark, config, directory).run(features);
        lease.fence().check();
        directory.publish(EvaluationReport.FILE, report.toJson());
        directory.delete(FEATURES);
        return report;
    }
}
