package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.metrics.features.Features;
import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The overlap of two sets of features, by the balls around each vector that reach to its k-th neighbour in its own set.
 * Exact: all distances are computed, in blocks, memory for one block and k distances a vector. A vector on the surface
 * is inside.
 *
 * @param precision share of generated vectors in a ball of a real one (Kynkäänniemi et al. 2019, Eq. 1 and 2)
 * @param recall share of real vectors in a ball of a generated one (same)
 * @param density real balls that a generated vector is in, mean, over k (Naeem et al. 2020, Eq. 5); may be above 1
 * @param coverage share of real balls with a generated vector inside (same, Eq. 6)
 */
public record PrecisionRecall(double precision, double recall, double density, double coverage) {
    /**
     * Checks that vectors in sets of these sizes have so many neighbours.
     *
     * @param k neighbours, not counting the vector itself (3 for precision and recall, 5 for density and coverage)
     */
    public static void check(int real, int generated, int k) {
        Check.setting(
                k >= 1 && k < Math.min(real, generated),
                "k=%d neighbours do not exist in sets of %d and %d",
                k,
                real,
                generated);
    }

    /**
     * Squared distances of the vectors {@code [from, to)} to their k-th neighbour in the same set. Reads every unit
     * once; holds one at a time, and the vectors of the range in float64.
     */
    public static double[] squaredRadii(Features set, int k, int from, int to) {
        double[][] nearest = new double[to - from][k]; // ascending
        for (double[] distances : nearest) {
            Arrays.fill(distances, Double.POSITIVE_INFINITY);
        }
        forEachPair(set, set, from, to, (i, j, squaredDistance) -> {
            if (i != j) {
                insert(nearest[j - from], squaredDistance);
            }
        });
        return Arrays.stream(nearest).mapToDouble(distances -> distances[k - 1]).toArray();
    }

    /**
     * The vectors in balls of the other set, of all real vectors and the generated ones {@code [from, to)}. Reads and
     * holds as {@link #squaredRadii}.
     */
    public static Hits hits(
            Features real, double[] realRadii, Features generated, double[] generatedRadii, int from, int to) {
        Hits found = new Hits();
        forEachPair(real, generated, from, to, (i, j, squaredDistance) -> {
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
    }

    /** The shares, once all generated vectors were compared with all real ones. */
    public static PrecisionRecall over(Hits hits, int real, int generated, int k) {
        return new PrecisionRecall(
                (double) hits.generatedInReal.cardinality() / generated,
                (double) hits.realInGenerated.cardinality() / real,
                hits.pairs / ((double) k * generated),
                (double) hits.realCovered.cardinality() / real);
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

    /** Squared distances ‖x‖² + ‖y‖² − 2 xᵀy of all x to y {@code [from … to)}; exactly 0 for equal vectors. */
    private static void forEachPair(Features x, Features y, int from, int to, Pair pair) {
        float[][] own = y.range(from, to);
        double[] ownNorms = norms(own);
        Products[] blocks = new Products[Products.blocks(own.length)];
        Arrays.setAll(
                blocks, b -> new Products(own, b * Products.BLOCK, Math.min(own.length, (b + 1) * Products.BLOCK)));
        double[] dots = new double[Products.BLOCK];
        int before = 0;
        for (int unit = 0; unit < x.rows().size(); unit++) {
            float[][] vectors = x.read(unit);
            double[] norms = norms(vectors);
            for (int b = 0; b < blocks.length; b++) { // outside, so that a block stays in the cache
                int first = b * Products.BLOCK;
                int last = Math.min(own.length, first + Products.BLOCK);
                for (int i = 0; i < vectors.length; i++) {
                    blocks[b].with(vectors[i], dots);
                    for (int j = first; j < last; j++) {
                        pair.accept(before + i, from + j, norms[i] + ownNorms[j] - 2 * dots[j - first]);
                    }
                }
            }
            before += vectors.length;
        }
    }

    private static double[] norms(float[][] rows) {
        return Arrays.stream(rows).mapToDouble(Products::squaredNorm).toArray();
    }

    private interface Pair {
        void accept(int x, int y, double squaredDistance);
    }

    /** The vectors that lie in balls of the other set. */
    public static final class Hits implements Serializable {
        private static final long serialVersionUID = 1;
        private final BitSet generatedInReal = new BitSet();
        private final BitSet realInGenerated = new BitSet();
        private final BitSet realCovered = new BitSet();
        private long pairs;

        /** The union of this part and another. */
        public Hits plus(Hits other) {
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
