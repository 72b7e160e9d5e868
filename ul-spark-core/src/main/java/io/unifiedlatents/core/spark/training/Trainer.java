package io.unifiedlatents.core.spark.training;

import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.checkpoint.RunIdentity;
import io.unifiedlatents.core.checkpoint.RunRecord;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.Settings;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.config.Version;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.cluster.LeasedWork;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.spark.ranks.Attempts;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.stage.StageDefinition;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.train.Objective;
import io.unifiedlatents.core.train.StartWeights;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;

/** The driver's side of training: checks, ranks, progress, and the export of the result. */
public final class Trainer {
    private Trainer() {}

    /**
     * Trains a stage to its last step, from its newest checkpoint if there is one, and exports its moving average.
     * Attempts that fail for a reason that may heal are followed by others.
     *
     * @param confirmed keys of settings that may change the course of a run that goes on, see {@link RunIdentity}
     * @param stop may end it earlier, with a checkpoint
     * @param terms of the lease of the stage's directory
     * @return the exported models; empty where training was stopped before its last step
     * @throws io.unifiedlatents.core.spark.ranks.RunFailedException if it fails for good;
     *     {@value io.unifiedlatents.core.spark.ranks.FailureReport#NAME} says where and why
     * @throws io.unifiedlatents.core.lease.LeaseException if another job trains in the directory, or has taken it over
     */
    public static Optional<Exports> train(
            JavaSparkContext spark,
            RunConfig config,
            StageName name,
            Set<String> confirmed,
            StopControl stop,
            LeaseTerms terms)
            throws IOException, InterruptedException {
        RunDirectory run = new RunDirectory(config, spark.hadoopConfiguration());
        StageDefinition stage = StageDefinition.of(name);
        Objective objective = stage.objective(config);
        Map<String, String> data = requireData(run, stage, objective);
        Map<String, Exports> frozen = TrainingEvaluation.frozen(stage, run);
        Storage directory = run.stage(name);
        return LeasedWork.run(spark, directory, terms, lease -> {
            RunRecord.Start start = requireResumable(spark, run, stage, objective, data, confirmed);
            lease.fence().check();
            directory.publish("config.yaml", ConfigLoader.yaml(config));
            RunRecord.append(directory, name, start);

            TrainConfig training = stage.training(config).run();
            Console.printf(
                    "%s: %,d parameters, %,d samples a step, %,d steps → %s",
                    name, objective.layout().size(), training.globalBatch(), training.steps(), directory);
            start.changes().forEach(change -> Console.printf("from step %,d on %s", start.step(), change));
            long steps = attempts(spark, run, stage, frozen, stop, lease);
            if (steps < training.steps()) {
                Console.printf("stopped after step %,d by %s; the same command goes on", steps, stop.reason());
                return Optional.empty();
            }
            return Optional.of(run.exports(name, 0));
        });
    }

    private static long attempts(
            JavaSparkContext spark,
            RunDirectory run,
            StageDefinition stage,
            Map<String, Exports> frozen,
            StopControl stop,
            Lease lease)
            throws IOException, InterruptedException {
        RunConfig config = run.config();
        TrainConfig training = stage.training(config).run();
        try (TrainingRun log = new TrainingRun(run.stage(stage.name()), lease)) {
            log.frozen(frozen);
            RunNetworks networks = RunNetworks.of(config, frozen);
            ResourceProfile resources = TaskResources.ofRank(spark, config.cluster(), config.compute());
            return new Attempts(spark, config.cluster(), resources, training.streams(), stop, log)
                    .run(
                            attempt -> new TrainTask(stage.name(), networks, new WriterId(lease.number(), attempt)),
                            training.steps());
        }
    }

    /** Checks what is trained on; the hashes of it. */
    private static Map<String, String> requireData(RunDirectory run, StageDefinition stage, Objective objective)
            throws IOException {
        RunConfig config = run.config();
        Dataset images = Dataset.open(Storage.at(config.data().train(), run.hadoop()));
        images.requireSamples("data.train", config.model());
        if (stage.training(config).run().evaluateEvery() > 0) {
            Dataset heldOut = Dataset.open(Storage.at(config.data().validation(), run.hadoop()));
            heldOut.requireSamples("data.validation", config.model());
        }
        stage.requireData(config, images);
        if (!objective.wantsLatents()) {
            return TrainTask.data(images, null);
        }
        Dataset latents = Dataset.open(run.latents());
        String made = String.valueOf(latents.manifest().encoderHash());
        Exports encoder = run.exports(StageName.LATENTS, 0);
        Check.setting(
                made.equals(encoder.hash(Exports.ENCODER)),
                "latents in %s were made by encoder %s, the newest of this run is %s (step %d); run ExtractLatents"
                        + " again",
                latents.storage(),
                made,
                encoder.hash(Exports.ENCODER),
                encoder.step());
        return TrainTask.data(images, latents);
    }

    /** Checks that the run may go on with these settings, or that it can start; the entry for its record. */
    private static RunRecord.Start requireResumable(
            JavaSparkContext spark,
            RunDirectory run,
            StageDefinition stage,
            Objective objective,
            Map<String, String> data,
            Set<String> confirmed)
            throws IOException {
        RunIdentity identity = new RunIdentity(stage.name(), run.config(), data);
        Storage directory = run.stage(stage.name());
        String script = objective.scriptHash();
        Optional<CheckpointManifest> newest = Checkpoints.at(directory).newest();
        List<Settings.Change> changes = newest.isEmpty()
                ? List.of()
                : identity.requireResumable(newest.get(), script, confirmed, directory.toString());
        newest.filter(checkpoint -> checkpoint.scriptHash().isEmpty())
                .ifPresent(checkpoint -> Console.printf(
                        "note: the checkpoint of step %,d is of format version %d, without a hash of its training"
                                + " script; its settings alone are compared",
                        checkpoint.step(), checkpoint.formatVersion()));
        StartWeights weights = newest.isPresent()
                ? null
                : StartWeights.open(stage.training(run.config()).run(), objective.layout(), run.hadoop());
        return new RunRecord.Start(
                Instant.now().toString(),
                newest.map(CheckpointManifest::step).orElse(0L),
                Version.OF_SOFTWARE,
                Torch.version(run.config().compute().threads()),
                spark.sc().sparkUser(),
                InetAddress.getLocalHost().getHostName(),
                spark.sc().applicationId(),
                identity.hash(),
                script,
                changes,
                weights == null ? null : weights.path(),
                weights == null ? null : weights.parameters());
    }
}
