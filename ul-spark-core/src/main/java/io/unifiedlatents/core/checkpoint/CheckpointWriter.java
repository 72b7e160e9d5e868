package io.unifiedlatents.core.checkpoint;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Partition;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the checkpoints of one attempt beside its training. {@link #save} copies the own range and returns; a thread
 * writes it; {@link #advance}, called after every step, finds out when all ranks have written, and then rank 0's thread
 * publishes the manifest and removes old checkpoints. Training waits only for the copy, and for the checkpoint before
 * where that is still being written.
 *
 * <p>Every rank makes the same calls in the same order on its training thread. A failure to write is thrown by one of
 * the next calls; the checkpoint is then not committed, and the attempt has failed.
 */
public final class CheckpointWriter implements AutoCloseable {
    /** The files that rank 0 publishes before the manifest. */
    public interface Publication {
        /** Publishes it, on another thread than the one that trains. */
        void publish() throws IOException;
    }

    /**
     * Which checkpoints stay.
     *
     * @param newest at least 1
     * @param every in steps; 0 keeps none for this reason
     */
    public record Retention(int newest, long every) {}

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointWriter.class);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(30);

    private record Pending(long step, long samplesPerStream, Publication before, Future<?> written) {}

    private final Checkpoints checkpoints;
    private final Collective collective;
    private final Partition partition;
    private final CheckpointHeader header;
    private final Retention retention;
    private final Map<String, FloatVector> copies = new LinkedHashMap<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread daemon = new Thread(task, "checkpoint");
        daemon.setDaemon(true);
        return daemon;
    });
    private @Nullable Pending pending;
    private @Nullable Pending commit;

    /**
     * A writer for one attempt; declares what it goes on from and removes what earlier attempts left of later steps.
     *
     * @param resumed the checkpoint that training goes on from, null for none: newer ones were never committed or are
     *     damaged
     * @throws io.unifiedlatents.core.lease.LeaseException on rank 0 if a newer attempt or another job has come
     */
    public CheckpointWriter(
            Checkpoints checkpoints,
            Collective collective,
            Partition partition,
            CheckpointHeader header,
            Retention retention,
            @Nullable CheckpointManifest resumed)
            throws IOException {
        this.checkpoints = checkpoints;
        this.collective = collective;
        this.partition = partition;
        this.header = header;
        this.retention = retention;
        if (collective.rank() == 0) {
            checkpoints.begin(resumed);
        }
        collective.barrier();
    }

    /**
     * Copies the state of a step and starts to write it.
     *
     * @param samplesPerStream samples that each stream of the data has given to the steps so far
     * @param ownRanges state vectors by name, each of the length of the own range; free for training on return
     * @param before published by rank 0 before the manifest
     */
    public void save(long step, long samplesPerStream, Map<String, ? extends Floats> ownRanges, Publication before)
            throws IOException {
        drain();
        for (Map.Entry<String, ? extends Floats> own : ownRanges.entrySet()) {
            Floats vector = own.getValue();
            vector.copyTo(copies.computeIfAbsent(own.getKey(), name -> FloatVector.allocate(vector.size())));
        }
        pending = new Pending(step, samplesPerStream, before, start(() -> {
            checkpoints.writeShard(step, collective.rank(), partition, copies);
            return null;
        }));
    }

    /** Commits what has been saved once all ranks have written it; costs nothing while nothing is pending. */
    public void advance() throws IOException {
        Pending saved = pending;
        if (saved == null) {
            return;
        }
        boolean written = saved.written.isDone();
        if (written) {
            await(saved);
        }
        if (collective.allReduce(written ? 1 : 0)[0] == collective.worldSize()) {
            startCommit(saved);
        }
    }

    /** Waits until everything saved is committed, on every rank. */
    public void finish() throws IOException {
        drain();
        collective.barrier();
    }

    private void drain() throws IOException {
        Pending saved = pending;
        if (saved != null) {
            await(saved);
            collective.barrier(); // all shards are there
            startCommit(saved);
        }
        if (commit != null) {
            await(commit);
            commit = null;
        }
    }

    private void startCommit(Pending saved) {
        pending = null;
        if (collective.rank() == 0) {
            Future<?> committed = start(() -> {
                saved.before.publish();
                checkpoints.commit(saved.step, saved.samplesPerStream, partition, copies.keySet(), header);
                checkpoints.retain(retention.newest, retention.every);
                return null;
            });
            commit = new Pending(saved.step, saved.samplesPerStream, saved.before, committed);
        }
    }

    private Future<?> start(Callable<?> task) {
        return thread.submit(task);
    }

    private void await(Pending pending) throws IOException {
        try {
            pending.written.get();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new IOException(
                    String.format(
                            "checkpoint of step %d in %s could not be written: %s",
                            pending.step, checkpoints, cause.getMessage()),
                    cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a checkpoint was written");
        }
    }

    /** Stops, and waits a while for what is being written: the next attempt must not meet it. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(LONGEST_CLOSE.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("a checkpoint is still being written after {}", LONGEST_CLOSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
