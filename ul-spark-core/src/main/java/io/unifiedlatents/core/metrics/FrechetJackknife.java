package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a Fréchet distance would move with other pictures: the delete-a-group jackknife (Efron and Stein 1981, Eq.
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
     * Distance of a set in parts from a fixed reference.
     *
     * @param parts of equal size but for a few vectors, as shards are; merged in this order
     * @param groups number of groups of neighbouring parts, 2 or more; each costs one distance
     */
    public static FrechetJackknife of(List<FeatureStats> parts, Gaussian reference, int groups) {
        List<FeatureStats> sets = grouped(parts, groups);
        double value = distance(merged(sets, -1), reference);
        double[] without = new double[groups];
        for (int i = 0; i < groups; i++) {
            without[i] = distance(merged(sets, i), reference);
        }
        return from(value, without);
    }

    /**
     * Distance of two sets whose parts belong together, as originals and reconstructions do: both lose the same group.
     */
    public static FrechetJackknife ofPairs(List<FeatureStats> first, List<FeatureStats> second, int groups) {
        Check.argument(first.size() == second.size(), "%d parts belong to %d", first.size(), second.size());
        List<FeatureStats> a = grouped(first, groups);
        List<FeatureStats> b = grouped(second, groups);
        double value = distance(merged(a, -1), merged(b, -1));
        double[] without = new double[groups];
        for (int i = 0; i < groups; i++) {
            without[i] = distance(merged(a, i), merged(b, i));
        }
        return from(value, without);
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

    private static List<FeatureStats> grouped(List<FeatureStats> parts, int groups) {
        Check.setting(
                groups >= 2 && groups <= parts.size(),
                "a jackknife of %d groups of %d shards is not possible; take 2 groups or more, and no more than shards",
                groups,
                parts.size());
        List<FeatureStats> sets = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            int from = (int) ((long) parts.size() * i / groups);
            int to = (int) ((long) parts.size() * (i + 1) / groups);
            FeatureStats set = new FeatureStats(parts.get(0).dimensions());
            parts.subList(from, to).forEach(set::merge);
            sets.add(set);
        }
        return sets;
    }

    private static Gaussian merged(List<FeatureStats> sets, int left) {
        FeatureStats all = new FeatureStats(sets.get(0).dimensions());
        for (int i = 0; i < sets.size(); i++) {
            if (i != left) {
                all.merge(sets.get(i));
            }
        }
        return all.gaussian();
    }

    private static double distance(Gaussian a, Gaussian b) {
        return FrechetDistance.of(a, b).value();
    }
}
