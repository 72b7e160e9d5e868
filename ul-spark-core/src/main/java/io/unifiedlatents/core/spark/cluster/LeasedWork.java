package io.unifiedlatents.core.spark.cluster;

import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseException;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/** Work of a driver that writes to a directory, done while it holds the lease of the directory. */
public final class LeasedWork {
    /** The work. */
    public interface Work<T> {
        /** Does it, on the thread that called; nothing may be written before. */
        T run(Lease lease) throws IOException, InterruptedException;
    }

    private LeasedWork() {}

    /**
     * Takes the lease of a directory, does the work and releases the lease. Where the lease is lost meanwhile, the
     * Spark jobs of the work are cancelled and its thread is interrupted.
     *
     * @param output directory that the work writes to
     * @throws LeaseException where another job holds the lease, or has taken it over
     */
    public static <T> T run(JavaSparkContext spark, Storage output, LeaseTerms terms, Work<T> work)
            throws IOException, InterruptedException {
        Thread worker = Thread.currentThread();
        String tag = "lease-" + UUID.randomUUID();
        spark.sc().addJobTag(tag);
        try (Lease lease = Lease.take(output, terms, spark.sc().applicationId(), () -> {
            spark.sc().cancelJobsWithTag(tag);
            worker.interrupt(); // it may be waiting for slots
        })) {
            return whileHeld(lease, work);
        } finally {
            spark.sc().removeJobTag(tag);
        }
    }

    private static <T> T whileHeld(Lease lease, Work<T> work) throws IOException, InterruptedException {
        try {
            return work.run(lease);
        } catch (Exception e) { // Spark throws its own exceptions undeclared
            LeaseException lost = lease.lost();
            if (lost == null) {
                throw e;
            }
            Thread.interrupted(); // it has served
            if (lost != e) {
                lost.addSuppressed(e);
            }
            throw lost; // whatever failed, this is why
        }
    }
}
