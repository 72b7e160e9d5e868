package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.metrics.features.Features;
import io.unifiedlatents.core.random.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Kernel distance (KID under Inception features): squared maximum mean discrepancy with the kernel (xᵀy / d + 1)³,
 * unbiased (Bińkowski et al. 2018, Eq. 4), averaged over random subsets. It may be below 0.
 *
 * @param mean over subsets
 * @param standardDeviation over subsets, divisor subsets − 1: what papers print after ±; NaN for one subset
 * @param standardError of the mean over choices of subsets, standardDeviation / √subsets; subsets overlap, so the error
 *     from having these pictures and no others is larger
 */
public record KernelDistance(double mean, double standardDeviation, double standardError) {
    /**
     * Checks that such subsets can be drawn.
     *
     * @param x vectors in one set
     * @param y vectors in the other
     * @param subsets number of subsets (100 is usual)
     * @param size of each subset of either set, 2 or more (1,000 is usual)
     */
    public static void check(int x, int y, int subsets, int size) {
        Check.setting(
                subsets >= 1 && size >= 2 && size <= Math.min(x, y),
                "%d subsets of %d vectors cannot be drawn from sets of %d and %d; take 1 or more of at least 2",
                subsets,
                size,
                x,
                y);
    }

    /**
     * The distances between the subsets {@code [from, to)} of both sets, each drawn by seed and number. Reads every
     * unit once, holds one at a time, and 2 ({@code to} − {@code from}) {@code size} vectors.
     */
    public static double[] values(Features x, Features y, int from, int to, int size, long seed) {
        List<int[]> ofX = new ArrayList<>();
        List<int[]> ofY = new ArrayList<>();
        int countX = x.count();
        int countY = y.count();
        for (int s = from; s < to; s++) {
            SplittableRandom random = new SplittableRandom(Seeds.of(seed, "subset " + s + " of a kernel distance"));
            ofX.add(Subsets.draw(countX, size, random));
            ofY.add(Subsets.draw(countY, size, random));
        }
        float[][][] pickedX = Subsets.pick(x, ofX);
        float[][][] pickedY = Subsets.pick(y, ofY);
        double[] values = new double[to - from];
        for (int i = 0; i < values.length; i++) {
            values[i] = squaredDiscrepancy(pickedX[i], pickedY[i]);
        }
        return values;
    }

    /** The distance from those of all subsets, in order. */
    public static KernelDistance over(double[] values) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        double deviation = Math.sqrt(squares / (values.length - 1.0));
        return new KernelDistance(mean, deviation, deviation / Math.sqrt(values.length));
    }

    /** Mean kernel within x plus within y, without the diagonals, less twice that between them. */
    static double squaredDiscrepancy(float[][] x, float[][] y) {
        double withinX = kernelSum(x, x, true) / ((double) x.length * (x.length - 1));
        double withinY = kernelSum(y, y, true) / ((double) y.length * (y.length - 1));
        double between = kernelSum(x, y, false) / ((double) x.length * y.length);
        return withinX + withinY - 2 * between;
    }

    private static double kernelSum(float[][] x, float[][] y, boolean sameSet) {
        int d = x[0].length;
        double[] dots = new double[Products.BLOCK];
        double sum = 0;
        for (int from = 0; from < y.length; from += Products.BLOCK) {
            int to = Math.min(y.length, from + Products.BLOCK);
            Products block = new Products(y, from, to);
            for (int i = 0; i < x.length; i++) {
                block.with(x[i], dots);
                for (int j = from; j < to; j++) {
                    double base = dots[j - from] / d + 1;
                    sum += sameSet && i == j ? 0 : base * base * base;
                }
            }
        }
        return sum;
    }
}
