package io.unifiedlatents.core.metrics.features;

import io.unifiedlatents.core.config.Check;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Neighbouring units of a set whose vectors are added up one after another. The order of all sums is a property of the
 * set: vectors within a run, runs within a group, groups within the whole, each in the order of the units. So
 * statistics have the same bits, whoever computed which run.
 *
 * @param group contiguous part of the set that it belongs to, as a jackknife leaves out
 * @param first unit
 * @param last unit, exclusive
 */
public record FeatureRun(int group, int first, int last) implements Serializable {
    /** Units in a run but for the last of a group: a quarter as many statistics travel as there are units. */
    private static final int UNITS = 4;

    /** The runs of a set in order; groups are of equal numbers of units but for one. */
    public static List<FeatureRun> of(int units, int groups) {
        Check.setting(
                groups >= 1 && groups <= units,
                "%d units of features cannot be put in %d groups; take 1 or more, and no more than units",
                units,
                groups);
        List<FeatureRun> runs = new ArrayList<>();
        for (int group = 0; group < groups; group++) {
            int end = (int) ((long) units * (group + 1) / groups);
            for (int first = (int) ((long) units * group / groups); first < end; first += UNITS) {
                runs.add(new FeatureRun(group, first, Math.min(end, first + UNITS)));
            }
        }
        return runs;
    }

    /** Its statistics, null where it has no vectors; holds one unit at a time. */
    public @Nullable FeatureStats statistics(Features features) {
        FeatureStats stats = null;
        for (int unit = first; unit < last; unit++) {
            for (float[] vector : features.read(unit)) {
                stats = stats == null ? new FeatureStats(vector.length) : stats;
                stats.add(vector, 0);
            }
        }
        return stats;
    }

    /** The statistics of all groups together, but for one. */
    public static FeatureStats merged(List<FeatureStats> groups, int leftOut) {
        FeatureStats all = new FeatureStats(groups.get(0).dimensions());
        for (int i = 0; i < groups.size(); i++) {
            if (i != leftOut) {
                all.merge(groups.get(i));
            }
        }
        return all;
    }

    /** The statistics of all groups together, merged in order. */
    public static FeatureStats merged(List<FeatureStats> groups) {
        return merged(groups, -1);
    }
}
