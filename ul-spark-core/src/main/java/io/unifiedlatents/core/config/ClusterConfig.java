package io.unifiedlatents.core.config;

/**
 * How a training job uses the cluster.
 *
 * @param ranks barrier tasks, one an executor; 0 takes one for each slot the cluster has when the job starts
 * @param peerTimeoutSeconds a rank that hears nothing from its peer for so long fails the step
 * @param firstPort first port a rank may listen on for its peers; 0 for any free port
 * @param lastPort last such port
 * @param gradientWire how gradients travel between ranks: {@code fp32}, or {@code bf16} with half the bytes, whose
 *     rounding is made up for in later steps
 */
public record ClusterConfig(int ranks, int peerTimeoutSeconds, int firstPort, int lastPort, String gradientWire)
        implements java.io.Serializable {
    /** Checks the ranges. */
    public ClusterConfig {
        Check.setting(ranks >= 0, "cluster.ranks is %d; it must be 0 (all slots) or more", ranks);
        Check.setting(
                peerTimeoutSeconds >= 1, "cluster.peerTimeoutSeconds is %d; it must be at least 1", peerTimeoutSeconds);
        Check.setting(
                firstPort >= 0 && firstPort <= lastPort && lastPort <= 65535,
                "cluster ports %d to %d are not a range below 65536",
                firstPort,
                lastPort);
        Check.setting(
                gradientWire.equals("fp32") || gradientWire.equals("bf16"),
                "cluster.gradientWire is '%s'; it must be one of fp32, bf16",
                gradientWire);
    }
}
