package io.unifiedlatents.core.spark.training;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.TrainConfig;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.SampleOrder;
import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import io.unifiedlatents.core.spark.ranks.RankMemory;
import io.unifiedlatents.core.telemetry.MemoryUse;
import io.unifiedlatents.core.train.Objective;
import io.unifiedlatents.core.train.StateBytes;
import io.unifiedlatents.core.train.TrainReport;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.executor.InputMetrics;

/**
 * Sends a rank's reports to the driver, and counts its samples where Spark's stage page shows them while the stage
 * runs: named accumulators only arrive when a task has ended.
 */
record RankReports(
        int rank,
        int worldSize,
        String host,
        StateBytes state,
        InputMetrics input,
        long samplesPerStep,
        long bytesPerSample)
        implements Consumer<TrainReport> {

    /** Creates the reports of this task's rank, and sends the memory that it starts with. */
    static RankReports start(Collective collective, Objective objective, TrainConfig run, DatasetManifest images) {
        int rank = collective.rank();
        int worldSize = collective.worldSize();
        RankReports reports = new RankReports(
                rank,
                worldSize,
                SparkEnv.get().blockManager().blockManagerId().host(),
                StateBytes.of(new Partition(objective.layout().size(), worldSize), rank),
                TaskContext.get().taskMetrics().inputMetrics(),
                (long) SampleOrder.streamsOf(run.streams(), rank, worldSize) * run.microBatch(),
                objective.sampleBytes());
        reports.sendMemory(-1);
        return reports;
    }

    private void sendMemory(long step) {
        ProgressPlugin.send(new RankMemory(rank, worldSize, host, step, MemoryUse.now(), state));
    }

    @Override
    public void accept(TrainReport report) {
        long samples = samplesPerStep * report.stepsInReport();
        input.incRecordsRead(samples);
        input.incBytesRead(samples * bytesPerSample);
        sendMemory(report.step());
        ProgressPlugin.send(new Stragglers.Phases(rank, report.step(), report.phaseSeconds()));
        if (rank == 0) {
            ProgressPlugin.send(report);
        }
    }
}
