package io.unifiedlatents.core.metrics.features;

import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Count, mean and centred scatter Σ (x − mean)(x − mean)ᵀ of feature vectors in float64: mergeable, so that executors
 * add up their own and the driver joins them.
 *
 * <p>Vectors are taken in blocks of {@value #BLOCK}: each block is centred on its own mean, then joined (Chan, Golub
 * and LeVeque 1983, Eq. 1.5). Sums of raw products would lose (mean / deviation)² in precision: all digits of a feature
 * whose mean is 10⁸ times its deviation. Centred, the loss stays near the rounding of the features themselves.
 *
 * <p>Plain Java, as its arithmetic is the same on every machine, which a BLAS does not promise: vectors added in the
 * same order and merged in the same order (that of the shards) give the same bits, whoever computed what and in
 * whatever batches. Not for use by several threads at once.
 */
public final class FeatureStats implements Serializable {
    private static final int BLOCK = 128;
    private static final int UNROLLED = 8; // rows of a block in one pass over the scatter
    private static final long serialVersionUID = 1;

    private final int dimensions;
    private final double[] mean;
    private final double[][] scatter; // lower triangle, row i has i + 1 columns
    private float @Nullable [] @Nullable [] block; // vectors not yet joined
    private int inBlock;
    private long joined;

    /** Statistics of no vectors yet. */
    public FeatureStats(int dimensions) {
        this.dimensions = dimensions;
        this.mean = new double[dimensions];
        this.scatter = new double[dimensions][];
        for (int i = 0; i < dimensions; i++) {
            scatter[i] = new double[i + 1];
        }
    }

    /** The statistics of all rows, added in order. */
    public static FeatureStats of(float[][] rows) {
        FeatureStats stats = new FeatureStats(rows[0].length);
        for (float[] row : rows) {
            stats.add(row, 0);
        }
        return stats;
    }

    /** Number of vectors. */
    public long count() {
        return joined + inBlock;
    }

    /** Length of a vector. */
    public int dimensions() {
        return dimensions;
    }

    /**
     * Adds one vector, {@code features[offset … offset + dimensions)}.
     *
     * @throws IllegalArgumentException if it holds NaN or an infinity, which no later sum would get rid of
     */
    public void add(float[] features, int offset) {
        for (int i = 0; i < dimensions; i++) {
            Check.argument(Float.isFinite(features[offset + i]), "feature %d is %s", i, features[offset + i]);
        }
        if (block == null) {
            block = new float[BLOCK][dimensions];
        }
        System.arraycopy(features, offset, block[inBlock], 0, dimensions);
        inBlock++;
        if (inBlock == BLOCK) {
            joinBlock();
        }
    }

    /** Adds what another part of the data gave; {@code other} keeps its value. */
    public void merge(FeatureStats other) {
        Check.argument(
                other.dimensions == dimensions,
                "features have %d dimensions here and %d there: two detectors",
                dimensions,
                other.dimensions);
        joinBlock();
        other.joinBlock();
        for (int i = 0; i < dimensions; i++) {
            for (int j = 0; j <= i; j++) {
                scatter[i][j] += other.scatter[i][j];
            }
        }
        joinMean(other.mean, other.joined);
    }

    /** Mean vector. */
    public double[] mean() {
        Check.argument(count() > 0, "no features were added");
        joinBlock();
        return mean.clone();
    }

    /** Unbiased covariance (divisor n − 1), row-major, symmetric. */
    public double[] covariance() {
        Check.argument(count() > 1, "a covariance needs 2 vectors or more, got %d", count());
        joinBlock();
        double[] covariance = new double[Math.multiplyExact(dimensions, dimensions)];
        for (int i = 0; i < dimensions; i++) {
            for (int j = 0; j <= i; j++) {
                double value = scatter[i][j] / (joined - 1);
                covariance[i * dimensions + j] = value;
                covariance[j * dimensions + i] = value;
            }
        }
        return covariance;
    }

    /** The Gaussian of this mean and covariance. */
    public Gaussian gaussian() {
        return new Gaussian(count(), mean(), covariance());
    }

    private void joinBlock() {
        if (block == null || inBlock == 0) {
            return;
        }
        double[] blockMean = new double[dimensions];
        for (int row = 0; row < inBlock; row++) {
            for (int i = 0; i < dimensions; i++) {
                blockMean[i] += block[row][i];
            }
        }
        for (int i = 0; i < dimensions; i++) {
            blockMean[i] /= inBlock;
        }
        double[][] centred = new double[BLOCK][dimensions]; // rows past the last stay 0 and add nothing
        for (int row = 0; row < inBlock; row++) {
            for (int i = 0; i < dimensions; i++) {
                centred[row][i] = block[row][i] - blockMean[i];
            }
        }
        for (int i = 0; i < dimensions; i++) {
            for (int row = 0; row < inBlock; row += UNROLLED) {
                addProducts(scatter[i], centred, row, i);
            }
        }
        int rows = inBlock;
        inBlock = 0;
        block = null;
        joinMean(blockMean, rows);
    }

    /** sums[j] += Σ x[i] x[j] over eight rows x: one load and store of each sum for eight products. */
    private static void addProducts(double[] sums, double[][] x, int first, int i) {
        double[] a = x[first];
        double[] b = x[first + 1];
        double[] c = x[first + 2];
        double[] d = x[first + 3];
        double[] e = x[first + 4];
        double[] f = x[first + 5];
        double[] g = x[first + 6];
        double[] h = x[first + 7];
        double ai = a[i];
        double bi = b[i];
        double ci = c[i];
        double di = d[i];
        double ei = e[i];
        double fi = f[i];
        double gi = g[i];
        double hi = h[i];
        for (int j = 0; j <= i; j++) {
            sums[j] += ((ai * a[j] + bi * b[j]) + (ci * c[j] + di * d[j]))
                    + ((ei * e[j] + fi * f[j]) + (gi * g[j] + hi * h[j]));
        }
    }

    /** Mean and scatter of the union, once the scatters within both parts are added. */
    private void joinMean(double[] otherMean, long otherCount) {
        if (otherCount == 0) {
            return;
        }
        double n = joined + otherCount;
        double weight = joined * (otherCount / n);
        double[] delta = new double[dimensions];
        for (int i = 0; i < dimensions; i++) {
            delta[i] = otherMean[i] - mean[i];
            mean[i] += delta[i] * (otherCount / n);
        }
        for (int i = 0; i < dimensions; i++) {
            double scaled = delta[i] * weight;
            for (int j = 0; j <= i; j++) {
                scatter[i][j] += scaled * delta[j];
            }
        }
        joined += otherCount;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        joinBlock();
        out.defaultWriteObject();
    }
}
