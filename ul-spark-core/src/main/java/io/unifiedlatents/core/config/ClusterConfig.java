package io.unifiedlatents.core.config;

/**
 * How a training job uses the cluster.
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
 *     next one that asks, at least 1
 * @param firstPort first port a rank may listen on for its peers; 0 for any free port
 * @param lastPort last such port
 * @param gradientWire how gradients travel between ranks: {@code fp32}, or {@code bf16} with half the bytes, whose
 *     rounding is made up for in later steps
 */
public record ClusterConfig(
        int ranks,
        int minRanks,
        int coresPerRank,
        int waitForSlotsSeconds,
        int maxFailures,
        int stallSeconds,
        int peerTimeoutSeconds,
        int leaseSeconds,
        int firstPort,
        int lastPort,
        @Setting(Setting.Kind.COURSE) Precision gradientWire)
        implements java.io.Serializable {
    /** Checks the ranges. */
    public ClusterConfig {
        Check.setting(ranks >= 0, "ranks is %d; it must be 0 (all slots) or more", ranks);
        Check.setting(
                minRanks >= 0 && (ranks == 0 || minRanks <= ranks),
                "minRanks is %d; it must lie between 0 and ranks=%d",
                minRanks,
                ranks);
        Check.setting(coresPerRank >= 0, "coresPerRank is %d; it must be 0 or more", coresPerRank);
        Check.setting(
                waitForSlotsSeconds >= 0 && maxFailures >= 0 && stallSeconds >= 5,
                "waitForSlotsSeconds=%d and maxFailures=%d must not be negative, stallSeconds=%d not below 5",
                waitForSlotsSeconds,
                maxFailures,
                stallSeconds);
        Check.setting(peerTimeoutSeconds >= 1, "peerTimeoutSeconds is %d; it must be at least 1", peerTimeoutSeconds);
        Check.setting(leaseSeconds >= 1, "leaseSeconds is %d; it must be at least 1", leaseSeconds);
        Check.setting(
                firstPort >= 0 && firstPort <= lastPort && lastPort <= 65535,
                "firstPort=%d to lastPort=%d is not a range of ports below 65536",
                firstPort,
                lastPort);
    }
}
