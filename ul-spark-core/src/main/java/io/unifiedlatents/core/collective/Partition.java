package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.config.Check;

/**
 * Contiguous ranges of a vector, one per rank in rank order, that together cover it once: a rank's range of a whole
 * vector begins at a multiple of 16 floats (one cache line); the last ranges may be shorter or empty.
 *
 * @param size floats in the vector, not negative
 * @param worldSize number of ranks, at least 1
 * @param share floats of every range of the whole that this vector is a part of
 * @param offset of this vector in the whole
 */
public record Partition(long size, int worldSize, long share, long offset) {
    private static final long ALIGNMENT_FLOATS = 16;

    public Partition {
        Check.argument(size >= 0, "size=%s must not be negative", size);
        Check.argument(worldSize >= 1, "worldSize=%s must be at least 1", worldSize);
        Check.argument(
                offset >= 0 && offset + size <= worldSize * share,
                "[%s, +%s) outside %s shares of %s",
                offset,
                size,
                worldSize,
                share);
    }

    /** Ranges as equal as the alignment allows. */
    public Partition(long size, int worldSize) {
        this(size, worldSize, share(size, Math.max(1, worldSize)), 0);
    }

    private static long share(long size, int worldSize) {
        long even = (size + worldSize - 1) / worldSize;
        return (even + ALIGNMENT_FLOATS - 1) / ALIGNMENT_FLOATS * ALIGNMENT_FLOATS;
    }

    /**
     * The same ranges where they lie in a part of the vector, [begin, end): each rank owns there what it owns of the
     * whole, which may be nothing.
     */
    public Partition within(long begin, long end) {
        Check.argument(0 <= begin && begin <= end && end <= size, "[%s, %s) outside size=%s", begin, end, size);
        return new Partition(end - begin, worldSize, share, offset + begin);
    }

    /** First float of a rank's range. */
    public long begin(int rank) {
        Check.argument(0 <= rank && rank < worldSize, "rank=%s outside worldSize=%s", rank, worldSize);
        return Math.max(0, Math.min(size, rank * share - offset));
    }

    /** The index behind the last float of a rank's range. */
    public long end(int rank) {
        Check.argument(0 <= rank && rank < worldSize, "rank=%s outside worldSize=%s", rank, worldSize);
        return Math.max(0, Math.min(size, (rank + 1) * share - offset));
    }

    /** Whether all ranges are equally long. */
    public boolean isEven() {
        for (int rank = 0; rank < worldSize; rank++) {
            if ((end(rank) - begin(rank)) * worldSize != size) {
                return false;
            }
        }
        return true;
    }

    /** For messages. */
    @Override
    public String toString() {
        return "a partition of " + size + " floats over " + worldSize + " ranks";
    }
}
