package io.unifiedlatents.core.spark.training;

import ai.djl.Device;
import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.checkpoint.RunIdentity;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.spark.cluster.Devices;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.spark.ranks.RankTask;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.stage.StageDefinition;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.train.Objective;
import io.unifiedlatents.core.train.Pulse;
import io.unifiedlatents.core.train.StartWeights;
import io.unifiedlatents.core.train.TrainingLoop;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Trains a stage on one rank.
 *
 * @param name of the stage
 * @param frozen resolved config, and networks that evaluation takes
 * @param writer as which it writes checkpoints and ledger
 */
record TrainTask(StageName name, RunNetworks frozen, WriterId writer) implements RankTask {
    /** Hashes of the data that are trained on. */
    static Map<String, String> data(Dataset images, @Nullable Dataset latents) {
        String dataset = images.manifest().datasetHash();
        return latents == null
                ? Map.of(RunIdentity.DATASET_HASH, dataset)
                : Map.of(
                        RunIdentity.DATASET_HASH,
                        dataset,
                        RunIdentity.ENCODER_HASH,
                        String.valueOf(latents.manifest().encoderHash()));
    }

    @Override
    public long run(Collective ring, Pulse pulse) throws Exception {
        RunConfig config = frozen.config();
        Device device = Devices.ofTask(config.compute());
        Configuration hadoop = TaskHadoop.conf();
        StageDefinition stage = StageDefinition.of(name);
        RunDirectory run = new RunDirectory(config, hadoop);
        Objective objective = stage.objective(config);
        Dataset images = Dataset.open(Storage.at(config.data().train(), hadoop));
        Dataset latents = objective.wantsLatents() ? Dataset.open(run.latents()) : null;
        TrainingLoop loop = new TrainingLoop(
                objective,
                stage.training(config),
                config.data(),
                images,
                latents,
                Checkpoints.at(run.stage(name), writer),
                CheckpointHeader.of(
                        objective.layout(),
                        objective.scriptHash(),
                        new RunIdentity(name, config, data(images, latents)),
                        ConfigLoader.tree(config)),
                StartWeights.open(stage.training(config).run(), objective.layout(), hadoop),
                new Ledger(run.stage(name), writer),
                TrainingEvaluation.of(stage, frozen, writer, objective, device, hadoop),
                config.cluster().gradientWire(),
                device,
                config.seed());
        try (Collective collective = Devices.connect(ring, device, config.cluster())) {
            RankReports reports = RankReports.start(
                    collective, objective, stage.training(config).run(), images.manifest());
            return loop.run(collective, pulse, reports);
        }
    }
}
