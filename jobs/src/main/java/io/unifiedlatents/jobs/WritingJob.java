package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** A job that holds the lease of the directory it writes to. */
abstract class WritingJob extends Job {
    @Option(
            names = "--take-over",
            description = "write even though another job holds the lease of the output directory; only when it is sure"
                    + " that the other job is dead")
    private boolean takeOver;

    /** Runs the job and returns the exit code of the process. */
    abstract int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception;

    @Override
    final int run(SparkSession spark, RunConfig config) throws Exception {
        return run(spark, config, LeaseTerms.of(config.cluster(), takeOver));
    }
}
