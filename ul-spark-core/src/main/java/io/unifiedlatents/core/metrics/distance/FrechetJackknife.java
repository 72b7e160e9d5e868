package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The spread of a Fréchet distance over choices of pictures, by the delete-a-group jackknife (Efron and Stein 1981, Eq.
 * 1.2), each group left out once.
 *
 * @param value distance of all groups together
 * @param standardError √((g − 1) / g Σ (θ₍ᵢ₎ − θ̄)²) over the g distances θ₍ᵢ₎ without group i
 * @param low lower end of the interval of 95 %, value − 1.96 standard errors
 * @param high upper end of the interval; the bias from few samples, which moves both ends up, is not in it: for that
 *     see {@link FrechetAtInfinity}
 */
public record FrechetJackknife(double value, double standardError, double low, double high) {
    private static final double NORMAL_95 = 1.959963984540054;

    /**
     * Distance of a set from a fixed reference.
     *
     * @param value of all groups together
     * @param groups of the set, 2 or more, of equal size but for a few vectors; merged in this order. Each costs one
     *     distance
     */
    public static FrechetJackknife of(double value, List<FeatureStats> groups, Gaussian reference) {
        return from(value, groups.size(), left -> distance(merged(groups, left), reference));
    }

    /**
     * Distance of two sets whose groups belong together, as originals and reconstructions do: both lose the same group.
     */
    public static FrechetJackknife ofPairs(double value, List<FeatureStats> first, List<FeatureStats> second) {
        Check.argument(first.size() == second.size(), "%d groups belong to %d", first.size(), second.size());
        return from(value, first.size(), left -> distance(merged(first, left), merged(second, left)));
    }

    private static FrechetJackknife from(double value, int groups, IntToDoubleFunction distanceWithout) {
        Check.setting(groups >= 2, "a jackknife of %d groups is not possible; take 2 groups or more", groups);
        return from(
                value, IntStream.range(0, groups).mapToDouble(distanceWithout).toArray());
    }

    static FrechetJackknife from(double value, double[] without) {
        double mean = 0;
        for (double distance : without) {
            mean += distance / without.length;
        }
        double squares = 0;
        for (double distance : without) {
            squares += (distance - mean) * (distance - mean);
        }
        double error = Math.sqrt((without.length - 1.0) / without.length * squares);
        return new FrechetJackknife(value, error, value - NORMAL_95 * error, value + NORMAL_95 * error);
    }

    private static Gaussian merged(List<FeatureStats> groups, int left) {
        return FeatureRun.merged(groups, left).gaussian();
    }

    private static double distance(Gaussian a, Gaussian b) {
        return FrechetDistance.of(a, b).value();
    }
}
