package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.data.ShardInfo;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Shards spread over the cluster. */
final class Partitions {
    private Partitions() {}

    /** Indices of shards, a partition each but no more partitions than two for every slot. */
    static JavaRDD<Integer> of(JavaSparkContext spark, List<ShardInfo> shards) {
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            indices.add(i);
        }
        int partitions = Math.max(1, Math.min(shards.size(), 2 * spark.defaultParallelism()));
        return spark.parallelize(indices, partitions);
    }
}
