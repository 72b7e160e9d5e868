package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.data.SampleOrder;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.MemoryUse;
import io.unifiedlatents.core.train.Objective;
import io.unifiedlatents.core.train.Pulse;
import io.unifiedlatents.core.train.StateBytes;
import io.unifiedlatents.core.train.TrainingLoop;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.executor.InputMetrics;

/**
 * Trains a stage on one rank.
 *
 * @param stage which
 * @param configYaml resolved config
 */
record TrainTask(Stage stage, String configYaml) implements RankTask {
    @Override
    public long run(Collective collective, Pulse pulse) throws Exception {
        RunConfig config = ConfigLoader.parse(configYaml);
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
                new CheckpointHeader(
                        objective.layout().hash(),
                        ConfigLoader.tree(config),
                        Map.of("datasetHash", images.manifest().datasetHash())),
                new Ledger(stage.directory(config, hadoop)),
                config.cluster().gradientWire(),
                Devices.ofTask(config.compute()),
                config.seed());
        int rank = collective.rank();
        int worldSize = collective.worldSize();
        StateBytes state = StateBytes.of(new Partition(objective.layout().size(), worldSize), rank);
        String host = SparkEnv.get().blockManager().blockManagerId().host();
        InputMetrics input = TaskContext.get().taskMetrics().inputMetrics();
        TrainConfig run = stage.config(config).run();
        long ownSamples = (long) SampleOrder.streamsOf(run.streams(), rank, worldSize) * run.microBatch();
        long sampleBytes =
                3L * images.manifest().resolution() * images.manifest().resolution();
        ProgressPlugin.send(new RankMemory(rank, worldSize, host, -1, MemoryUse.now(), state));
        return loop.run(collective, pulse, report -> {
            // Spark's stage page shows these while the stage runs; named accumulators only when a task has ended
            input.incRecordsRead(ownSamples * report.stepsInReport());
            input.incBytesRead(ownSamples * report.stepsInReport() * sampleBytes);
            ProgressPlugin.send(new RankMemory(rank, worldSize, host, report.step(), MemoryUse.now(), state));
            ProgressPlugin.send(new Stragglers.Phases(rank, report.step(), report.phaseSeconds()));
            if (rank == 0) {
                ProgressPlugin.send(report);
            }
        });
    }
}
