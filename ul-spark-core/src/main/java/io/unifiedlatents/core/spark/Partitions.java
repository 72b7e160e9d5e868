package io.unifiedlatents.core.spark;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Pieces of work, as shards or units, spread over the cluster. Every partition loads its networks. */
final class Partitions {
    /** Samples that keep a network busy for so long that loading it does not count. */
    private static final long BUSY_SAMPLES = 1_000;

    private Partitions() {}

    /**
     * Indices of the pieces, in one partition for every slot; in two where each is long enough, so that less is lost
     * with an executor and slots end together.
     *
     * @param samples in all pieces
     */
    static JavaRDD<Integer> of(JavaSparkContext spark, int pieces, long samples) {
        List<Integer> indices = IntStream.range(0, pieces).boxed().toList();
        int slots = spark.defaultParallelism();
        int partitions = samples >= 2L * slots * BUSY_SAMPLES ? 2 * slots : slots;
        return spark.parallelize(indices, Math.max(1, Math.min(pieces, partitions)));
    }
}
