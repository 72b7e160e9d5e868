package io.unifiedlatents.core.metrics.distance;

import java.util.Arrays;

/**
 * Scalar products of feature vectors with a block of others, in float64. The order of summation is that of the
 * features, four at a time, whatever the block: equal vectors have exactly the product {@link #squaredNorm}.
 */
final class Products {
    /** Vectors in a block: their transpose stays in the second-level cache. */
    static final int BLOCK = 64;

    private static final int UNROLLED = 4;

    private final double[][] columns; // [feature, padded with zeros][vector of the block]

    /** A block of the vectors {@code [from, to)}. */
    Products(float[][] rows, int from, int to) {
        int dimensions = rows[from].length;
        columns = new double[roundUp(dimensions)][to - from];
        for (int i = from; i < to; i++) {
            for (int k = 0; k < dimensions; k++) {
                columns[k][i - from] = rows[i][k];
            }
        }
    }

    /** The number of blocks of so many vectors. */
    static int blocks(int count) {
        return (count + BLOCK - 1) / BLOCK;
    }

    /** Writes the products of a vector with each of the block. */
    void with(float[] vector, double[] products) {
        double[] x = padded(vector);
        Arrays.fill(products, 0, columns[0].length, 0);
        for (int k = 0; k < x.length; k += UNROLLED) {
            add(products, x, k);
        }
    }

    private void add(double[] products, double[] x, int k) {
        double[] a = columns[k];
        double[] b = columns[k + 1];
        double[] c = columns[k + 2];
        double[] d = columns[k + 3];
        double xa = x[k];
        double xb = x[k + 1];
        double xc = x[k + 2];
        double xd = x[k + 3];
        for (int j = 0; j < a.length; j++) {
            products[j] += (xa * a[j] + xb * b[j]) + (xc * c[j] + xd * d[j]);
        }
    }

    /** The product of a vector with itself. */
    static double squaredNorm(float[] vector) {
        double[] x = padded(vector);
        double sum = 0;
        for (int k = 0; k < x.length; k += UNROLLED) {
            sum += (x[k] * x[k] + x[k + 1] * x[k + 1]) + (x[k + 2] * x[k + 2] + x[k + 3] * x[k + 3]);
        }
        return sum;
    }

    private static double[] padded(float[] vector) {
        double[] x = new double[roundUp(vector.length)];
        for (int k = 0; k < vector.length; k++) {
            x[k] = vector[k];
        }
        return x;
    }

    private static int roundUp(int dimensions) {
        return (dimensions + UNROLLED - 1) / UNROLLED * UNROLLED;
    }
}
