package io.unifiedlatents.core.collective;

/** Temporary. */
public record Partition(long size, int worldSize) {
    public long begin(int rank) {
        return 0;
    }

    public long end(int rank) {
        return size;
    }
}
