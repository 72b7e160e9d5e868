package io.unifiedlatents.core.train;

import io.unifiedlatents.core.collective.Partition;
import java.io.Serializable;

/**
 * Memory of what one rank holds between steps, for N parameters: all of them and the gradient, 4 N bytes each; of the
 * optimizer's two moments and of the moving average only its own range, 12 N / worldSize bytes together.
 *
 * @param parameters bytes
 * @param gradient bytes
 * @param moments bytes of both
 * @param average bytes
 */
public record StateBytes(long parameters, long gradient, long moments, long average) implements Serializable {
    /** The memory of a rank under a partition of the parameters. */
    public static StateBytes of(Partition partition, int rank) {
        long all = Float.BYTES * partition.size();
        long own = Float.BYTES * (partition.end(rank) - partition.begin(rank));
        return new StateBytes(all, all, 2 * own, own);
    }

    /** All of it. */
    public long total() {
        return parameters + gradient + moments + average;
    }
}
