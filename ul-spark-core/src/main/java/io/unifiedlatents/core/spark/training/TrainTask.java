package io.unifiedlatents.core.spark.training;

import ai.djl.Device;
import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.spark.cluster.Devices;
import io.unifiedlatents.core.spark.cluster.Stage;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.spark.ranks.RankTask;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.train.Objective;
import io.unifiedlatents.core.train.Pulse;
import io.unifiedlatents.core.train.TrainingLoop;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Trains a stage on one rank.
 *
 * @param stage which
 * @param frozen resolved config, and networks that evaluation takes
 */
record TrainTask(Stage stage, RunNetworks frozen) implements RankTask {
    /** What was trained on. */
    private static Map<String, String> identity(Dataset images, @Nullable Dataset latents) {
        String dataset = images.manifest().datasetHash();
        return latents == null
                ? Map.of("datasetHash", dataset)
                : Map.of(
                        "datasetHash",
                        dataset,
                        Stage.ENCODER_HASH,
                        String.valueOf(latents.manifest().encoderHash()));
    }

    @Override
    public long run(Collective ring, Pulse pulse) throws Exception {
        RunConfig config = frozen.config();
        Device device = Devices.ofTask(config.compute());
        Configuration hadoop = TaskHadoop.conf();
        Objective objective = stage.objective(config);
        Dataset images = Dataset.open(Storage.at(config.data().train(), hadoop));
        Dataset latents = objective.wantsLatents()
                ? Dataset.open(Storage.at(config.runDirectory(), hadoop).directory(Stage.LATENTS_DIRECTORY))
                : null;
        TrainingLoop loop = new TrainingLoop(
                objective,
                stage.config(config),
                config.data(),
                images,
                latents,
                Checkpoints.at(stage.directory(config, hadoop)),
                new CheckpointHeader(objective.layout().hash(), ConfigLoader.tree(config), identity(images, latents)),
                new Ledger(stage.directory(config, hadoop)),
                TrainingEvaluation.of(stage, frozen, objective, device, hadoop),
                config.cluster().gradientWire(),
                device,
                config.seed());
        try (Collective collective = Devices.connect(ring, device, config.cluster())) {
            RankReports reports = RankReports.start(
                    collective, objective, stage.config(config).run(), images.manifest());
            return loop.run(collective, pulse, reports);
        }
    }
}
