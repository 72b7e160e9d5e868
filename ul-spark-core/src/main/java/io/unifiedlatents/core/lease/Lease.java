package io.unifiedlatents.core.lease;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one job to write to a directory, kept as a record in the directory, renewed by a thread, and released by
 * {@link #close} or when the process is told to end. Needs of the store only that a reader sees what was written,
 * listed or deleted before it asked. Why that suffices: docs/adr/0015-one-writer.md.
 *
 * <p>A process that is stopped for longer than its lease may lose it without noticing, so whatever counts is published
 * behind {@link Fence#check}. Thread safe.
 */
public final class Lease implements AutoCloseable {
    /** Name of the folder that holds the records, below the directory that is written to. */
    public static final String FOLDER = "_lease";

    /** Renewals in the time after which a lease that is not renewed may be taken over. */
    private static final int RENEWALS = 4;

    private static final int LONGEST_ANSWER_SECONDS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

    private final Storage output;
    private final LeaseRecords records;
    private final String name;
    private final long number;
    private final Runnable onLost;
    private final Runnable onShutdown = this::close;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "lease");
        daemon.setDaemon(true);
        return daemon;
    });
    private LeaseRecord record;
    private boolean ended;
    private volatile boolean reached = true;
    private volatile @Nullable LeaseException lost;

    private Lease(Storage output, LeaseRecords records, String name, LeaseRecord record, Runnable onLost) {
        this.output = output;
        this.records = records;
        this.name = name;
        this.number = record.number();
        this.record = record;
        this.onLost = onLost;
    }

    /**
     * Takes the lease of a directory: at once where it is free or released, else after its holder has not renewed it
     * for as long as its record says, by the clock of this process.
     *
     * @param output directory that the job writes to; need not exist yet
     * @param application id of the Spark application, for the record
     * @param onLost called once, on another thread, when the lease turns out to be taken over
     * @throws LeaseException where its holder renews it
     */
    public static Lease take(Storage output, LeaseTerms terms, String application, Runnable onLost)
            throws IOException, InterruptedException {
        LeaseRecords records = new LeaseRecords(output);
        Contender contender = new Contender(output, records, terms.seconds());
        while (true) {
            long newest = terms.takeOver() ? LeaseRecords.newestNumber(records.names()) : contender.awaitExpiry();
            LeaseRecord record = LeaseRecord.taken(newest + 1, host(), application, terms.seconds());
            String name = LeaseRecords.newName(record.number());
            records.publish(name, record);
            if (records.names().stream().allMatch(other -> isBefore(other, record) || other.equals(name))) {
                // the lease is held: every later contender sees this record, which nobody removes
                Lease lease = new Lease(output, records, name, record, onLost);
                lease.start();
                return lease;
            }
            records.delete(name);
            TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(contender.pollMillis()));
        }
    }

    private static boolean isBefore(String name, LeaseRecord record) {
        return LeaseRecords.number(name) < record.number();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown host";
        }
    }

    private void start() {
        long period = 1000L * record.seconds() / RENEWALS;
        var unused = thread.scheduleWithFixedDelay(this::renew, period, period, TimeUnit.MILLISECONDS);
        ShutdownHookManager.get()
                .addShutdownHook(onShutdown, FileSystem.SHUTDOWN_HOOK_PRIORITY + 1); // while the file system is open
    }

    /** The check that the holder of this lease makes before it publishes. */
    public Fence fence() {
        return Fence.of(output, number);
    }

    /** Its number, higher than that of every lease of the directory before it. */
    public long number() {
        return number;
    }

    private void renew() {
        try {
            publish(false);
            fence().check();
            reached = true;
        } catch (LeaseException e) {
            if (end()) {
                LOG.warn(e.getMessage());
                onLost.run();
                lost = e;
            }
        } catch (IOException | RuntimeException e) { // nobody takes it over where nobody reaches the store
            reached = false;
            LOG.warn("the lease of {} could not be renewed: {}", output, e.toString());
        }
    }

    /**
     * Why the lease is lost, after {@code onLost} has been called; null while it is held, or where the store does not
     * answer within {@value #LONGEST_ANSWER_SECONDS} s.
     */
    public @Nullable LeaseException lost() {
        if (!reached) {
            return lost;
        }
        Future<?> renewed = thread.submit(this::renew);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_ANSWER_SECONDS);
        boolean interrupted = false;
        boolean waiting = true;
        while (waiting) {
            try {
                renewed.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                waiting = false;
            } catch (InterruptedException e) { // perhaps by onLost
                interrupted = true;
            } catch (TimeoutException | ExecutionException e) {
                waiting = false;
            }
        }
        if (interrupted && lost == null) {
            Thread.currentThread().interrupt();
        }
        return lost;
    }

    private synchronized void publish(boolean release) throws IOException {
        if (!ended) {
            ended = release;
            record = record.renewed(release);
            records.publish(name, record);
        }
    }

    /** Whether it had not ended before. */
    private synchronized boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    /** Releases the lease, unless it is lost or the store is out of reach: then it ends by not being renewed. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (reached && thread.awaitTermination(LONGEST_ANSWER_SECONDS, TimeUnit.SECONDS)) {
                publish(true);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("the lease of {} could not be released: {}", output, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ShutdownHookManager.get().isShutdownInProgress()) {
            ShutdownHookManager.get().removeShutdownHook(onShutdown);
        }
    }
}
