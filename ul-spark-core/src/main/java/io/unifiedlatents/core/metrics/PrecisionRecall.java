package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Where two sets of features lie on one another, by the balls around each vector that reach to its k-th neighbour in
 * its own set. Exact: all distances are computed, in blocks, memory for one block and k distances a vector. A vector on
 * the surface is inside.
 *
 * @param precision share of generated vectors in a ball of a real one (Kynkäänniemi et al. 2019, Eq. 1 and 2)
 * @param recall share of real vectors in a ball of a generated one (same)
 * @param density real balls that a generated vector is in, mean, over k (Naeem et al. 2020, Eq. 5); may be above 1
 * @param coverage share of real balls with a generated vector inside (same, Eq. 6)
 */
public record PrecisionRecall(double precision, double recall, double density, double coverage) {
    /**
     * Compares two sets.
     *
     * @param k neighbours, not counting the vector itself (3 for precision and recall, 5 for density and coverage)
     */
    public static PrecisionRecall of(float[][] real, float[][] generated, int k) {
        Check.setting(
                k >= 1 && k < Math.min(real.length, generated.length),
                "k=%d neighbours do not exist in sets of %d and %d",
                k,
                real.length,
                generated.length);
        double[] realNorms = norms(real);
        double[] generatedNorms = norms(generated);
        double[] realRadii = squaredRadii(real, realNorms, k);
        double[] generatedRadii = squaredRadii(generated, generatedNorms, k);
        Hits hits = IntStream.range(0, Products.blocks(generated.length))
                .parallel()
                .mapToObj(block -> {
                    int from = block * Products.BLOCK;
                    int to = Math.min(generated.length, from + Products.BLOCK);
                    Hits found = new Hits();
                    forEachPair(real, realNorms, generated, generatedNorms, from, to, (i, j, squaredDistance) -> {
                        if (squaredDistance <= realRadii[i]) {
                            found.generatedInReal.set(j);
                            found.pairs++;
                            found.realCovered.set(i);
                        }
                        if (squaredDistance <= generatedRadii[j]) {
                            found.realInGenerated.set(i);
                        }
                    });
                    return found;
                })
                .reduce(new Hits(), Hits::plus);
        return new PrecisionRecall(
                (double) hits.generatedInReal.cardinality() / generated.length,
                (double) hits.realInGenerated.cardinality() / real.length,
                hits.pairs / ((double) k * generated.length),
                (double) hits.realCovered.cardinality() / real.length);
    }

    /** Squared distance of each vector to its k-th neighbour in the same set. */
    private static double[] squaredRadii(float[][] rows, double[] norms, int k) {
        double[] radii = new double[rows.length];
        IntStream.range(0, Products.blocks(rows.length)).parallel().forEach(block -> {
            int from = block * Products.BLOCK;
            int to = Math.min(rows.length, from + Products.BLOCK);
            double[][] nearest = new double[to - from][k]; // ascending
            for (double[] distances : nearest) {
                Arrays.fill(distances, Double.POSITIVE_INFINITY);
            }
            forEachPair(rows, norms, rows, norms, from, to, (i, j, squaredDistance) -> {
                if (i != j) {
                    insert(nearest[j - from], squaredDistance);
                }
            });
            for (int j = from; j < to; j++) {
                radii[j] = nearest[j - from][k - 1];
            }
        });
        return radii;
    }

    private static void insert(double[] ascending, double value) {
        int at = ascending.length - 1;
        if (value >= ascending[at]) {
            return;
        }
        while (at > 0 && ascending[at - 1] > value) {
            ascending[at] = ascending[at - 1];
            at--;
        }
        ascending[at] = value;
    }

    /** Squared distances ‖x‖² + ‖y‖² − 2 xᵀy of all x to {@code y[from … to)}; exactly 0 for equal vectors. */
    private static void forEachPair(
            float[][] x, double[] xNorms, float[][] y, double[] yNorms, int from, int to, Pair pair) {
        Products block = new Products(y, from, to);
        double[] dots = new double[Products.BLOCK];
        for (int i = 0; i < x.length; i++) {
            block.with(x[i], dots);
            for (int j = from; j < to; j++) {
                pair.accept(i, j, xNorms[i] + yNorms[j] - 2 * dots[j - from]);
            }
        }
    }

    private static double[] norms(float[][] rows) {
        return Arrays.stream(rows).mapToDouble(Products::squaredNorm).toArray();
    }

    private interface Pair {
        void accept(int x, int y, double squaredDistance);
    }

    /** Who is in whose ball. */
    private static final class Hits {
        private final BitSet generatedInReal = new BitSet();
        private final BitSet realInGenerated = new BitSet();
        private final BitSet realCovered = new BitSet();
        private long pairs;

        Hits plus(Hits other) {
            Hits sum = new Hits();
            for (Hits part : new Hits[] {this, other}) {
                sum.generatedInReal.or(part.generatedInReal);
                sum.realInGenerated.or(part.realInGenerated);
                sum.realCovered.or(part.realCovered);
                sum.pairs += part.pairs;
            }
            return sum;
        }
    }
}
