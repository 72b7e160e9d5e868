package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.config.Check;

/**
 * Contiguous ranges of a vector, one per rank in rank order, that together cover it once. Every range begins at a
 * multiple of 16 floats (one cache line); the last ranges may be shorter or empty.
 *
 * @param size floats in the vector, not negative
 * @param worldSize number of ranks, at least 1
 */
public record Partition(long size, int worldSize) {
    private static final long ALIGNMENT_FLOATS = 16;

    public Partition {
        Check.argument(size >= 0, "size=%s must not be negative", size);
        Check.argument(worldSize >= 1, "worldSize=%s must be at least 1", worldSize);
    }

    /** First float of a rank's range. */
    public long begin(int rank) {
        Check.argument(0 <= rank && rank < worldSize, "rank=%s outside worldSize=%s", rank, worldSize);
        return Math.min(size, rank * share());
    }

    /** One past the last float of a rank's range. */
    public long end(int rank) {
        Check.argument(0 <= rank && rank < worldSize, "rank=%s outside worldSize=%s", rank, worldSize);
        return Math.min(size, (rank + 1) * share());
    }

    private long share() {
        long even = (size + worldSize - 1) / worldSize;
        return (even + ALIGNMENT_FLOATS - 1) / ALIGNMENT_FLOATS * ALIGNMENT_FLOATS;
    }
}
