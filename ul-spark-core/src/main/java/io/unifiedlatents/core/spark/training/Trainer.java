package io.unifiedlatents.core.spark.training;

import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.cluster.Stage;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.spark.ranks.Attempts;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;

/** The driver's side of training: checks, ranks, progress, and the export of the result. */
public final class Trainer {
    private Trainer() {}

    /**
     * Trains a stage to its last step, from its newest checkpoint if there is one, and exports its moving average.
     * Attempts that fail for a reason that may heal are followed by others.
     *
     * @param stop may end it earlier, with a checkpoint
     * @return the exported models; empty where training was stopped before its last step
     * @throws io.unifiedlatents.core.spark.ranks.RunFailedException if it fails for good;
     *     {@value io.unifiedlatents.core.spark.ranks.FailureReport#NAME} says where and why
     */
    public static Optional<Exports> train(JavaSparkContext spark, RunConfig config, Stage stage, StopControl stop)
            throws IOException, InterruptedException {
        Configuration hadoop = spark.hadoopConfiguration();
        Objective objective = stage.objective(config);
        TrainConfig run = stage.config(config).run();
        Storage directory = stage.directory(config, hadoop);
        requireData(config, stage, objective, hadoop);
        Map<String, Exports> frozen = TrainingEvaluation.frozen(stage, config, hadoop);
        directory.publish("config.yaml", ConfigLoader.yaml(config));

        System.out.printf(
                "%s: %,d parameters, %,d samples a step, %,d steps → %s%n",
                stage, objective.layout().size(), run.globalBatch(), run.steps(), directory);
        long steps;
        try (TrainingRun log = new TrainingRun(directory)) {
            log.frozen(frozen);
            ResourceProfile resources = TaskResources.ofRank(spark, config.cluster(), config.compute());
            steps = new Attempts(spark, config.cluster(), resources, run.streams(), stop, log)
                    .run(new TrainTask(stage, RunNetworks.of(config, frozen)), run.steps());
        }
        if (steps < run.steps()) {
            System.out.printf("stopped after step %,d by %s; the same command goes on%n", steps, stop.reason());
            return Optional.empty();
        }
        return Optional.of(stage.exports(config, 0, hadoop));
    }

    private static void requireData(RunConfig config, Stage stage, Objective objective, Configuration hadoop)
            throws IOException {
        Dataset images = Dataset.open(Storage.at(config.data().train(), hadoop));
        images.requirePictures("data.train", config.prepare().resolution());
        if (stage.config(config).run().evaluateEvery() > 0) {
            Dataset heldOut = Dataset.open(Storage.at(config.data().validation(), hadoop));
            heldOut.requirePictures("data.validation", config.prepare().resolution());
        }
        if (objective.wantsLatents()) {
            Storage storage = Storage.at(config.runDirectory(), hadoop).directory(Stage.LATENTS_DIRECTORY);
            String made = String.valueOf(Dataset.open(storage).manifest().encoderHash());
            Exports encoder = Stage.LATENTS.exports(config, 0, hadoop);
            Check.setting(
                    made.equals(encoder.hash(Exports.ENCODER)),
                    "latents in %s were made by encoder %s, the newest of this run is %s (step %d); run ExtractLatents"
                            + " again",
                    storage,
                    made,
                    encoder.hash(Exports.ENCODER),
                    encoder.step());
            requireSameLatents(config, stage, made, hadoop);
            Objective.Classes classes = objective.classes();
            int known = images.manifest().classes().size();
            Check.setting(
                    classes == null || known == classes.count(),
                    "base.classes is %d, but %s has %d classes; set it to as many, or to 0",
                    classes == null ? 0 : classes.count(),
                    images.storage(),
                    known);
        }
    }

    /** A run goes on with the latents it began with. */
    private static void requireSameLatents(RunConfig config, Stage stage, String made, Configuration hadoop)
            throws IOException {
        Storage directory = stage.directory(config, hadoop);
        Optional<CheckpointManifest> newest = Checkpoints.at(directory).newest();
        if (newest.isPresent()) {
            String began = newest.get().extra().getOrDefault(Stage.ENCODER_HASH, made);
            Check.setting(
                    made.equals(began),
                    "%s holds training on latents of encoder %s, up to step %d, and the latents are now of %s; delete it"
                            + " to train anew, or name another runDirectory",
                    directory,
                    began,
                    newest.get().step(),
                    made);
        }
    }
}
