package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.metrics.FeatureFiles;
import io.unifiedlatents.core.metrics.FeatureSet;
import io.unifiedlatents.core.metrics.FeatureStats;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;

/**
 * Mean and covariance of stored features, cluster-wide. A task adds up one range of vectors, in their order; ranges are
 * a matter of the set and of their number alone, so that statistics come out the same to the bit wherever tasks run.
 * The driver holds one {@link FeatureStats} for each range: 17 MB at 2,048 dimensions.
 */
final class Statistics {
    /** Ranges where nobody asks for a certain number of them. */
    private static final int RANGES = 16;

    private Statistics() {}

    /** Statistics of {@code count} ranges of equal length but for one vector, in order. */
    static List<FeatureStats> ranges(JavaSparkContext spark, FeatureSet set, String kind, int count) {
        int ranges = Math.max(1, Math.min(count, set.files(kind).count()));
        List<Integer> indices = IntStream.range(0, ranges).boxed().toList();
        return spark.parallelize(indices, ranges)
                .map(new RangeTask(set, kind, ranges))
                .collect();
    }

    /** Statistics of the whole set. */
    static FeatureStats all(JavaSparkContext spark, FeatureSet set, String kind) {
        return merged(ranges(spark, set, kind, RANGES));
    }

    /** Their sum, in order. */
    static FeatureStats merged(List<FeatureStats> parts) {
        FeatureStats all = new FeatureStats(parts.get(0).dimensions());
        parts.forEach(all::merge);
        return all;
    }

    private record RangeTask(FeatureSet set, String kind, int ranges) implements Function<Integer, FeatureStats> {
        @Override
        public FeatureStats call(Integer range) throws IOException {
            FeatureFiles files = set.files(kind);
            Storage storage = set.storage(TaskHadoop.conf());
            int from = (int) ((long) files.count() * range / ranges);
            int to = (int) ((long) files.count() * (range + 1) / ranges);
            FeatureStats stats = null;
            for (int unit = 0, first = 0;
                    unit < files.units();
                    first += files.rows().get(unit), unit++) {
                int end = first + files.rows().get(unit);
                if (end <= from || first >= to) {
                    continue;
                }
                float[][] vectors = files.read(storage, unit);
                stats = stats == null ? new FeatureStats(vectors[0].length) : stats;
                for (int i = Math.max(from, first); i < Math.min(to, end); i++) {
                    stats.add(vectors[i - first], 0);
                }
            }
            return java.util.Objects.requireNonNull(stats);
        }
    }
}
