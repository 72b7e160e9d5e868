package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Features;
import io.unifiedlatents.core.metrics.features.Gaussian;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** Distances and scores of whole sets in memory: each by its definition, which parts on a cluster must add up to. */
public final class InMemory {
    private InMemory() {}

    /** Vectors in memory, each array a unit; not copied. */
    public static Features features(float[][]... units) {
        List<Integer> rows = Arrays.stream(units).map(vectors -> vectors.length).toList();
        return new Features() {
            @Override
            public List<Integer> rows() {
                return rows;
            }

            @Override
            public float[][] read(int unit) {
                return units[unit];
            }
        };
    }

    public static KernelDistance kernelDistance(float[][] x, float[][] y, int subsets, int size, long seed) {
        KernelDistance.check(x.length, y.length, subsets, size);
        return KernelDistance.over(KernelDistance.values(features(x), features(y), 0, subsets, size, seed));
    }

    public static PrecisionRecall precisionRecall(float[][] real, float[][] made, int k) {
        PrecisionRecall.check(real.length, made.length, k);
        Features reals = features(real);
        Features generated = features(made);
        PrecisionRecall.Hits hits = PrecisionRecall.hits(
                reals,
                PrecisionRecall.squaredRadii(reals, k, 0, real.length),
                generated,
                PrecisionRecall.squaredRadii(generated, k, 0, made.length),
                0,
                made.length);
        return PrecisionRecall.over(hits, real.length, made.length, k);
    }

    public static InceptionScore inceptionScore(float[][] logits, int splits) {
        return InceptionScore.over(IntStream.range(0, splits)
                .mapToDouble(split -> InceptionScore.score(features(logits), split, splits))
                .toArray());
    }

    static FrechetAtInfinity frechetAtInfinity(
            float[][] vectors, Gaussian reference, int smallest, int points, long seed) {
        int[] sizes = FrechetAtInfinity.sizes(vectors.length, smallest, points);
        double[] distances = IntStream.range(0, points)
                .mapToDouble(p -> {
                    Features subset =
                            features(vectors).choose(FrechetAtInfinity.subset(vectors.length, sizes[p], p, seed));
                    FeatureStats stats = Objects.requireNonNull(new FeatureRun(0, 0, 1).statistics(subset));
                    return FrechetDistance.of(stats.gaussian(), reference).value();
                })
                .toArray();
        return FrechetAtInfinity.fit(sizes, distances);
    }
}
