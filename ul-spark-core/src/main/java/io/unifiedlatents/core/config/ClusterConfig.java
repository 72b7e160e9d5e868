package io.unifiedlatents.core.config;

import static io.unifiedlatents.core.config.Setting.Kind.COURSE;

/**
 * The use that a training job makes of the cluster.
 *
 * @param ranks barrier tasks, one an executor; 0 takes one for each slot the cluster has when the job starts
 * @param minRanks with how many the run goes on when slots are gone; 0: never with fewer than {@code ranks}
 * @param coresPerRank cores of an executor that a rank holds, so that no other task runs there; 0:
 *     {@code spark.task.cpus}
 * @param waitForSlotsSeconds how long it waits for slots before that
 * @param maxFailures failures without a new checkpoint in between, after which it gives up; 0: the first
 * @param stallSeconds a rank without heartbeat, or an attempt without a step, for so long has failed
 * @param peerTimeoutSeconds a rank that hears nothing from its peer for so long fails the step
 * @param leaseSeconds a job that has not renewed its lease of the directory it writes to for so long has lost it to the
 *     next one that asks
 * @param firstPort first port a rank may listen on for its peers; 0 for any free port
 * @param lastPort last such port
 * @param gradientWire how gradients travel between ranks: {@code fp32}, or {@code bf16} with half the bytes, whose
 *     rounding is made up for in later steps
 */
public record ClusterConfig(
        @Within("[0, ∞)") int ranks,
        @Within("[0, ∞)") int minRanks,
        @Within("[0, ∞)") int coresPerRank,
        @Within("[0, ∞)") int waitForSlotsSeconds,
        @Within("[0, ∞)") int maxFailures,
        @Within("[5, ∞)") int stallSeconds,
        @Within("[1, ∞)") int peerTimeoutSeconds,
        @Within("[1, ∞)") int leaseSeconds,
        @Within("[0, 65535]") int firstPort,
        @Within("[0, 65535]") int lastPort,
        @Setting(COURSE) Precision gradientWire)
        implements java.io.Serializable {
    /** Checks that the parts fit. */
    public ClusterConfig {
        Check.setting(
                ranks == 0 || minRanks <= ranks, "minRanks is %d; it must lie between 0 and ranks=%d", minRanks, ranks);
        Check.setting(
                firstPort <= lastPort, "firstPort=%d to lastPort=%d is not a range of ports", firstPort, lastPort);
    }
}
