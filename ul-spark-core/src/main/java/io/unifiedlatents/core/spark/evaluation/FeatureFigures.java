package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.metrics.distance.FrechetAtInfinity;
import io.unifiedlatents.core.metrics.distance.FrechetDistance;
import io.unifiedlatents.core.metrics.distance.InceptionScore;
import io.unifiedlatents.core.metrics.distance.KernelDistance;
import io.unifiedlatents.core.metrics.distance.PrecisionRecall;
import io.unifiedlatents.core.metrics.distance.ReferenceFloor;
import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Features;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.metrics.features.StoredFeatures;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Figures made of stored features over the cluster. Work is cut by the sets alone, in runs of units, ranges of vectors
 * and numbers of subsets, never by partitions: the figures have the same bits on any cluster and after any failure.
 * Only eigenvalues may differ in their last digits between kinds of processors.
 *
 * <p>A task reads one unit at a time, a few times its bytes while it is decoded, besides what each method says; with d
 * = 2,048, statistics are 16.8 MB, a {@link Gaussian} 34 MB, and 1,000 vectors 8.2 MB.
 */
public final class FeatureFigures {
    /** Vectors whose neighbours one task finds: 34 MB of float64 and 17 of float32 at d = 2,048. */
    private static final int RANGE = 2048;

    /** Subsets of a kernel distance in one task: 131 MB of two times 1,000 vectors at d = 2,048. */
    private static final int SUBSETS = 8;

    private final JavaSparkContext spark;
    private final int partitions;

    /** Figures computed by the cluster of a context. */
    public FeatureFigures(JavaSparkContext spark) {
        this(spark, 2 * spark.defaultParallelism());
    }

    /** The same in no more than so many partitions. */
    FeatureFigures(JavaSparkContext spark, int partitions) {
        this.spark = spark;
        this.partitions = partitions;
    }

    /** Work on some sets of features, {@code index} its place among all pieces. */
    private record Piece(int index, int set, FeatureRun run) implements Serializable {}

    /** Puts pieces, by their indices, where they are merged. */
    private static final class Placement extends Partitioner {
        private static final long serialVersionUID = 1;
        private final int[] places;
        private final int count;

        Placement(int[] places, int count) {
            this.places = places;
            this.count = count;
        }

        @Override
        public int numPartitions() {
            return count;
        }

        @Override
        public int getPartition(Object index) {
            return places[(Integer) index];
        }
    }

    /**
     * Statistics of contiguous groups of units, merged in order as {@link FeatureRun} says. Tasks make those of a run;
     * one task for each group merges them, sorted by Spark's shuffle, which spills to disk what its share of execution
     * memory does not hold. The driver then holds all groups, 16.8 MB each at d = 2,048: over 60 groups need more
     * {@code spark.driver.maxResultSize} than its 1 GiB.
     *
     * @param groups as many as a jackknife leaves out, or 1
     * @return one for each group, in order; {@link FeatureRun#merged(List)} joins them
     * @throws io.unifiedlatents.core.config.ConfigException if a group has no vectors
     */
    public List<FeatureStats> statistics(StoredFeatures features, int groups) {
        return statistics(List.of(features), groups, stats -> stats);
    }

    /** The results of a function of the merged statistics of each group of each set. */
    private <T> List<T> statistics(List<StoredFeatures> sets, int groups, Function<FeatureStats, T> finish) {
        List<Piece> pieces = new ArrayList<>();
        for (int set = 0; set < sets.size(); set++) {
            for (FeatureRun run : FeatureRun.of(sets.get(set).units(), groups)) {
                pieces.add(new Piece(pieces.size(), set, run));
            }
        }
        int places = sets.size() * groups;
        Placement placement = new Placement(
                pieces.stream()
                        .mapToInt(piece -> piece.set() * groups + piece.run().group())
                        .toArray(),
                places);
        Broadcast<List<StoredFeatures>> shared = spark.broadcast(new ArrayList<>(sets));
        try {
            List<T> results = parallel(pieces)
                    .flatMapToPair(piece -> statistics(shared.value().get(piece.set()), piece))
                    .repartitionAndSortWithinPartitions(placement)
                    .mapPartitions(runs -> {
                        FeatureStats merged = merged(runs);
                        return merged == null
                                ? Collections.<T>emptyIterator()
                                : List.of(finish.call(merged)).iterator();
                    })
                    .collect();
            Check.setting(
                    results.size() == places,
                    "only %d of %d groups of units have vectors; take fewer groups",
                    results.size(),
                    places);
            return new ArrayList<>(results);
        } finally {
            shared.destroy();
        }
    }

    private static Iterator<Tuple2<Integer, FeatureStats>> statistics(StoredFeatures set, Piece piece)
            throws IOException {
        FeatureStats stats = piece.run().statistics(set.open(TaskHadoop.conf()));
        return Stream.ofNullable(stats)
                .map(some -> new Tuple2<>(piece.index(), some))
                .iterator();
    }

    private static @Nullable FeatureStats merged(Iterator<Tuple2<Integer, FeatureStats>> runs) {
        FeatureStats merged = null;
        while (runs.hasNext()) {
            FeatureStats next = runs.next()._2();
            if (merged == null) {
                merged = new FeatureStats(next.dimensions());
            }
            merged.merge(next);
        }
        return merged;
    }

    /**
     * The Fréchet distance at infinity, see {@link FrechetAtInfinity}; subsets are drawn from the whole set, their
     * statistics made as by {@link #statistics}, their distances by the tasks that merge them. Such a task holds 0.3 GB
     * outside the heap at d = 2,048 for its decompositions.
     *
     * @param reference sent to every executor once
     */
    public FrechetAtInfinity frechetAtInfinity(
            StoredFeatures features, Gaussian reference, int smallest, int points, long seed) {
        int count = features.count();
        int[] sizes = FrechetAtInfinity.sizes(count, smallest, points);
        List<StoredFeatures> subsets = IntStream.range(0, points)
                .mapToObj(p -> features.choose(FrechetAtInfinity.subset(count, sizes[p], p, seed)))
                .toList();
        Broadcast<Gaussian> shared = spark.broadcast(reference);
        try {
            List<Double> distances = statistics(
                    subsets,
                    1,
                    stats ->
                            FrechetDistance.of(stats.gaussian(), shared.value()).value());
            return FrechetAtInfinity.fit(
                    sizes, distances.stream().mapToDouble(distance -> distance).toArray());
        } finally {
            shared.destroy();
        }
    }

    /**
     * The kernel distance, see {@link KernelDistance}. A task reads both sets once for {@value #SUBSETS} subsets, whose
     * vectors it holds.
     */
    public KernelDistance kernelDistance(StoredFeatures x, StoredFeatures y, int subsets, int size, long seed) {
        KernelDistance.check(x.count(), y.count(), subsets, size);
        List<double[]> values = over(
                ranges(subsets, SUBSETS),
                List.of(x, y),
                (sets, range) -> KernelDistance.values(sets.get(0), sets.get(1), range[0], range[1], size, seed));
        return KernelDistance.over(joined(values));
    }

    /**
     * Precision, recall, density and coverage, exact, see {@link PrecisionRecall}: one pass for the radii of each set,
     * one for who is in whose ball. A task reads one of the sets once for {@value #RANGE} vectors, which it holds in
     * float64. At 8 GFLOP/s a core, 2 x 50,000 vectors with d = 2,048 take 65 minutes of one core; the time grows with
     * the square of the counts, so of a reference of a million a part should be taken.
     */
    public PrecisionRecall precisionRecall(StoredFeatures real, StoredFeatures generated, int k) {
        PrecisionRecall.check(real.count(), generated.count(), k);
        Broadcast<double[][]> radii =
                spark.broadcast(new double[][] {squaredRadii(real, k), squaredRadii(generated, k)});
        try {
            PrecisionRecall.Hits hits = over(
                            ranges(generated.count(), RANGE),
                            List.of(real, generated),
                            (sets, range) -> PrecisionRecall.hits(
                                    sets.get(0), radii.value()[0], sets.get(1), radii.value()[1], range[0], range[1]))
                    .stream()
                    .reduce(PrecisionRecall.Hits::plus)
                    .orElseThrow();
            return PrecisionRecall.over(hits, real.count(), generated.count(), k);
        } finally {
            radii.destroy();
        }
    }

    private double[] squaredRadii(StoredFeatures set, int k) {
        return joined(over(
                ranges(set.count(), RANGE),
                List.of(set),
                (sets, range) -> PrecisionRecall.squaredRadii(sets.get(0), k, range[0], range[1])));
    }

    /**
     * The Inception Score, see {@link InceptionScore}; a task reads the units of one split. Splits are consecutive: of
     * pictures whose order follows their classes, the score is too small.
     */
    public InceptionScore inceptionScore(StoredFeatures logits, int splits) {
        Check.setting(
                splits >= 1 && splits <= logits.count(),
                "%d pictures cannot be split in %d; take 1 or more, and no more than pictures",
                logits.count(),
                splits);
        return InceptionScore.over(joined(over(ranges(splits, 1), List.of(logits), (sets, range) ->
                new double[] {InceptionScore.score(sets.get(0), range[0], splits)})));
    }

    /**
     * Distances between two random halves of the reference, see {@link ReferenceFloor#halves}.
     *
     * @param wanted vectors in each, as many as are judged; fewer where the reference has not twice as many
     * @param subsets of the kernel distance between them; 0: not measured. Their {@code size} is made smaller where a
     *     half has fewer vectors
     */
    public ReferenceFloor floor(StoredFeatures reference, int wanted, int subsets, int size, long seed) {
        BitSet[] chosen = ReferenceFloor.halves(reference.count(), wanted, seed);
        List<StoredFeatures> halves =
                Arrays.stream(chosen).map(reference::choose).toList();
        List<FeatureStats> stats = statistics(halves, 1, some -> some);
        int count = halves.get(0).count();
        return new ReferenceFloor(
                count,
                FrechetDistance.evenIfSingular(
                        stats.get(0).gaussian(), stats.get(1).gaussian()),
                subsets == 0
                        ? null
                        : kernelDistance(halves.get(0), halves.get(1), subsets, Math.min(size, count), seed));
    }

    /** Work of a task on a range of what it is asked for. */
    @FunctionalInterface
    private interface Work<T> extends Serializable {
        T on(List<Features> sets, int[] range);
    }

    /** The results of all ranges, in order. */
    private <T> List<T> over(List<int[]> ranges, List<StoredFeatures> sets, Work<T> work) {
        Broadcast<List<StoredFeatures>> shared = spark.broadcast(new ArrayList<>(sets));
        try {
            return parallel(ranges)
                    .map(range -> {
                        Configuration hadoop = TaskHadoop.conf();
                        List<Features> opened = new ArrayList<>();
                        for (StoredFeatures set : shared.value()) {
                            opened.add(set.open(hadoop));
                        }
                        return work.on(opened, range);
                    })
                    .collect();
        } finally {
            shared.destroy();
        }
    }

    private <T> JavaRDD<T> parallel(List<T> pieces) {
        return spark.parallelize(pieces, Math.max(1, Math.min(pieces.size(), partitions)));
    }

    private static List<int[]> ranges(int count, int size) {
        return IntStream.range(0, (count + size - 1) / size)
                .mapToObj(i -> new int[] {i * size, Math.min(count, (i + 1) * size)})
                .toList();
    }

    private static double[] joined(List<double[]> parts) {
        return parts.stream().flatMapToDouble(Arrays::stream).toArray();
    }
}
