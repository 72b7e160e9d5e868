package io.unifiedlatents.core.lease;

import io.unifiedlatents.core.config.ClusterConfig;

/**
 * The terms under which a job takes the lease of a directory.
 *
 * @param seconds without renewal after which others may take the lease over, see {@link ClusterConfig}
 * @param takeOver whether a lease that another job holds is taken over at once, without waiting to see whether that job
 *     still renews it
 */
public record LeaseTerms(int seconds, boolean takeOver) {
    /** The terms of {@code defaults.yaml}, without taking over. */
    public static final LeaseTerms DEFAULT = new LeaseTerms(60, false);

    /** The terms of a config. */
    public static LeaseTerms of(ClusterConfig cluster, boolean takeOver) {
        return new LeaseTerms(cluster.leaseSeconds(), takeOver);
    }
}
