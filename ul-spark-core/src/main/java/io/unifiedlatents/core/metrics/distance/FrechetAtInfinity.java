package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.random.Seeds;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * The Fréchet distance that infinitely many samples would have: its bias is linear in 1 / n to first order, so a line
 * through distances of subsets of several sizes is read at 1 / n = 0 (Chong and Forsyth 2020, Sec. 4).
 *
 * @param value intercept of the line, by least squares
 * @param standardError of the intercept, from the residuals; too small by what the overlapping subsets share
 * @param counts sizes of the subsets
 * @param distances of the subsets, each against the whole reference
 */
public record FrechetAtInfinity(double value, double standardError, double[] counts, double[] distances) {
    /**
     * Sizes of the subsets of a set of {@code count} vectors.
     *
     * @param smallest size of the first subset, more than the dimensions (5,000 in the paper); the last is the whole
     *     set
     * @param points number of subsets, evenly spaced in size, 3 or more (15 in the paper)
     */
    public static int[] sizes(int count, int smallest, int points) {
        Check.setting(
                points >= 3 && smallest >= 2 && smallest < count,
                "a line through %d subsets of %d to %d vectors is not possible; take 3 subsets or more, the first smaller "
                        + "than the set",
                points,
                smallest,
                count);
        int[] sizes = new int[points];
        Arrays.setAll(sizes, p -> smallest + (int) ((long) (count - smallest) * p / (points - 1)));
        return sizes;
    }

    /** Indices of the vectors in subset {@code p}. */
    public static BitSet subset(int count, int size, int p, long seed) {
        SplittableRandom random = new SplittableRandom(Seeds.of(seed, "subset " + p + " of a Fréchet distance"));
        return Subsets.set(Subsets.draw(count, size, random), 0, size);
    }

    /** Least squares of distance = a + b / n. */
    public static FrechetAtInfinity fit(int[] sizes, double[] distances) {
        double[] counts = Arrays.stream(sizes).asDoubleStream().toArray();
        int points = counts.length;
        double meanX = 0;
        double meanY = 0;
        for (int p = 0; p < points; p++) {
            meanX += 1 / counts[p] / points;
            meanY += distances[p] / points;
        }
        double xx = 0;
        double xy = 0;
        for (int p = 0; p < points; p++) {
            xx += (1 / counts[p] - meanX) * (1 / counts[p] - meanX);
            xy += (1 / counts[p] - meanX) * (distances[p] - meanY);
        }
        double slope = xy / xx;
        double intercept = meanY - slope * meanX;
        double residuals = 0;
        for (int p = 0; p < points; p++) {
            residuals += Math.pow(distances[p] - intercept - slope / counts[p], 2);
        }
        double error = Math.sqrt(residuals / (points - 2) * (1.0 / points + meanX * meanX / xx));
        return new FrechetAtInfinity(intercept, error, counts, distances);
    }
}
