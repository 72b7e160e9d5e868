package io.unifiedlatents.core.spark.cluster;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Pieces of work, as shards or units, spread over the cluster. Every partition loads its networks. */
public final class Partitions {
    /** Passes through a network that take so long that loading it does not count. */
    private static final long BUSY_PASSES = 1_000;

    private Partitions() {}

    /**
     * Indices of the pieces, in one partition for every slot; in two where each is long enough, so that less is lost
     * with an executor and slots end together.
     *
     * @param passes of single samples through a network, in all pieces
     */
    public static JavaRDD<Integer> of(JavaSparkContext spark, int pieces, long passes) {
        List<Integer> indices = IntStream.range(0, pieces).boxed().toList();
        int slots = spark.defaultParallelism();
        int partitions = passes >= 2L * slots * BUSY_PASSES ? 2 * slots : slots;
        return spark.parallelize(indices, Math.max(1, Math.min(pieces, partitions)));
    }
}
