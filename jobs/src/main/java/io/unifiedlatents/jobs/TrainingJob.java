package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.spark.training.Trainer;
import io.unifiedlatents.core.stage.StageDefinition;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.core.train.RunEstimate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The base of the training jobs. */
abstract class TrainingJob extends WritingJob {
    /** Exit code of a job that was stopped with a checkpoint: the same command goes on. */
    static final int STOPPED = 75;

    private final StageName stage;

    @Option(
            names = "--stop-after",
            description = "wall time after which training ends with a checkpoint and exit code 75, as PT8H or PT30M")
    private @Nullable Duration stopAfter;

    @Option(
            names = "--max-gpu-hours",
            defaultValue = "0",
            description = "ranks times hours after which training ends with a checkpoint and exit code 75; 0: no limit")
    private double maxGpuHours;

    @Option(
            names = "--change",
            description = "a setting that may change the course of a run that goes on, as objective.lossFactor; may be"
                    + " repeated")
    private List<String> confirmed = new ArrayList<>();

    TrainingJob(StageName stage) {
        this.stage = stage;
    }

    @Override
    String plan(RunConfig config) {
        int ranks = Math.max(1, config.cluster().ranks());
        return "would train " + stage + " on " + ranks + " ranks: "
                + RunEstimate.of(
                        StageDefinition.of(stage).objective(config),
                        config.training(stage).run(),
                        ranks);
    }

    @Override
    int run(SparkSession spark, RunConfig config, LeaseTerms terms) throws Exception {
        StopControl stop = new StopControl(stopAfter, maxGpuHours).onSignals();
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Optional<Exports> exports = Trainer.train(context, config, stage, Set.copyOf(confirmed), stop, terms);
        exports.ifPresent(
                done -> Console.printf("step %,d exported → %s %s", done.step(), done.directory(), done.sha256()));
        return exports.isPresent() ? 0 : STOPPED;
    }
}
