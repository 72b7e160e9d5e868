package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;
import java.io.Serializable;

/**
 * Count, sum and sum of outer products of feature vectors in float64: mergeable, so that executors add up their own and
 * the driver joins them. Merged in a fixed order, the result does not depend on who computed what.
 */
public final class FeatureStats implements Serializable {
    private final int dimensions;
    private final double[] sum;
    private final double[] outer; // row-major, lower triangle used
    private long count;

    /** Nothing yet. */
    public FeatureStats(int dimensions) {
        this.dimensions = dimensions;
        this.sum = new double[dimensions];
        this.outer = new double[Math.multiplyExact(dimensions, dimensions)];
    }

    /** Number of vectors. */
    public long count() {
        return count;
    }

    /** Length of a vector. */
    public int dimensions() {
        return dimensions;
    }

    /** Adds one vector, {@code features[offset … offset + dimensions)}. */
    public void add(float[] features, int offset) {
        count++;
        for (int i = 0; i < dimensions; i++) {
            double x = features[offset + i];
            sum[i] += x;
            int row = i * dimensions;
            for (int j = 0; j <= i; j++) {
                outer[row + j] += x * features[offset + j];
            }
        }
    }

    /** Adds what another part of the data gave. */
    public void merge(FeatureStats other) {
        Check.argument(
                other.dimensions == dimensions,
                "features have %d dimensions here and %d there: two detectors",
                dimensions,
                other.dimensions);
        count += other.count;
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.sum[i];
        }
        for (int i = 0; i < outer.length; i++) {
            outer[i] += other.outer[i];
        }
    }

    /** Mean vector. */
    public double[] mean() {
        Check.argument(count > 0, "no features were added");
        double[] mean = new double[dimensions];
        for (int i = 0; i < dimensions; i++) {
            mean[i] = sum[i] / count;
        }
        return mean;
    }

    /** Unbiased covariance (divisor n − 1), row-major, symmetric. */
    public double[] covariance() {
        Check.argument(count > 1, "a covariance needs 2 vectors or more, got %d", count);
        double[] mean = mean();
        double[] covariance = new double[outer.length];
        for (int i = 0; i < dimensions; i++) {
            for (int j = 0; j <= i; j++) {
                double value = (outer[i * dimensions + j] - count * mean[i] * mean[j]) / (count - 1);
                covariance[i * dimensions + j] = value;
                covariance[j * dimensions + i] = value;
            }
        }
        return covariance;
    }
}
