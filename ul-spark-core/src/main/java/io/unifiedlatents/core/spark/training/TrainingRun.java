package io.unifiedlatents.core.spark.training;

import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.judge.HeldOutReport;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseException;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.ranks.Attempts;
import io.unifiedlatents.core.spark.ranks.FailureReport;
import io.unifiedlatents.core.spark.ranks.RankFailure;
import io.unifiedlatents.core.spark.ranks.RankMemory;
import io.unifiedlatents.core.spark.ranks.Recovery;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.core.train.TrainReport;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSError;

/** The records of a training job beside checkpoints: progress, events, the last failure. */
final class TrainingRun implements Attempts.Run, AutoCloseable {
    private final String name;
    private final Lease lease;
    private final Checkpoints checkpoints;
    private final ProgressLog log;
    private final FailureReport failure;
    private volatile Stragglers stragglers = new Stragglers(1);

    TrainingRun(Storage directory, Lease lease) throws IOException {
        this.lease = lease;
        this.name = "training " + directory;
        this.checkpoints = Checkpoints.at(directory);
        this.log = new ProgressLog(directory, lease.number());
        this.failure = new FailureReport(directory);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long committed() throws IOException {
        return checkpoints.newest().map(CheckpointManifest::step).orElse(0L);
    }

    @Override
    public void message(Object message) {
        if (message instanceof TrainReport report) {
            log.accept(report);
        } else if (message instanceof HeldOutReport report) {
            log.accept(report);
        } else if (message instanceof RankMemory memory) {
            log.accept(memory);
        } else if (message instanceof Stragglers.Phases phases) {
            stragglers.accept(phases).forEach(Console::println);
        }
    }

    /** Records which networks evaluations take besides those trained. */
    void frozen(Map<String, Exports> networks) throws IOException {
        if (!networks.isEmpty()) {
            Map<String, String> files = new TreeMap<>();
            networks.forEach(
                    (name, of) -> files.put(name, of.directory().path(name).toString()));
            log.event("evaluatedWith", files);
        }
    }

    @Override
    public void attempt(int number, int ranks, long from) throws IOException {
        stragglers = new Stragglers(ranks);
        log.event("attempt", Map.of("attempt", number, "ranks", ranks, "fromStep", from));
    }

    @Override
    public void caughtUp(int number, Map<String, Double> seconds) {
        Console.println(Recovery.line(seconds));
        try {
            log.event("recovery", Map.of("attempt", number, "seconds", seconds));
        } catch (IOException e) {
            Console.println("the recovery could not be recorded: " + e.getMessage());
        }
    }

    @Override
    public void failed(int number, RankFailure found, long committed, boolean again) {
        LeaseException lost = lease.lost();
        if (lost != null) {
            throw lost; // the report of the directory is another job's now
        }
        try {
            log.event(
                    "failure",
                    Map.of("attempt", number, "failure", found, "lastCheckpoint", committed, "again", again));
            failure.failed(found, committed, again);
        } catch (IOException | FSError e) { // a full disk fails this as well, and must not hide what failed first
            Console.println("the failure could not be recorded: " + e.getMessage());
        }
    }

    @Override
    public void recovered() throws IOException {
        failure.recovered();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
