package io.unifiedlatents.core.spark;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Pieces of work, as shards or units, spread over the cluster. */
final class Partitions {
    private Partitions() {}

    /** Indices of the pieces, a partition each but no more partitions than two for every slot. */
    static JavaRDD<Integer> of(JavaSparkContext spark, int pieces) {
        List<Integer> indices = IntStream.range(0, pieces).boxed().toList();
        return spark.parallelize(indices, Math.max(1, Math.min(pieces, 2 * spark.defaultParallelism())));
    }
}
