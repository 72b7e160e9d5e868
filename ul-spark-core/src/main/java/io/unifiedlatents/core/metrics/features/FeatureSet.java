package io.unifiedlatents.core.metrics.features;

import io.unifiedlatents.core.config.Check;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The features that a detector gave for a set of pictures or clips.
 *
 * @param directory where the files lie
 * @param rows vectors of each unit, by kind: {@link #FEATURES}, and {@link #LOGITS} and {@link #SPATIAL} where the
 *     detector gives them
 */
public record FeatureSet(String directory, Map<String, List<Integer>> rows) implements Serializable {
    /** The features that distances are computed from. */
    public static final String FEATURES = "features";

    /** Scores of classes before the softmax. */
    public static final String LOGITS = "logits";

    /** Features that keep places, for sFID. */
    public static final String SPATIAL = "spatial";

    /** Copies into plain maps, which travel. */
    public FeatureSet {
        Check.argument(rows.containsKey(FEATURES), "%s has no features, only %s", directory, rows.keySet());
        rows = new TreeMap<>(rows);
    }

    /**
     * A set from the numbers of vectors in each unit.
     *
     * @param units vectors of each unit by kind, in order
     */
    public static FeatureSet of(String directory, List<Map<String, Integer>> units) {
        Map<String, List<Integer>> rows = new TreeMap<>();
        for (Map<String, Integer> unit : units) {
            unit.forEach((kind, count) ->
                    rows.computeIfAbsent(kind, none -> new ArrayList<>()).add(count));
        }
        return new FeatureSet(directory, rows);
    }

    /** Whether the detector gave this kind. */
    public boolean has(String kind) {
        return rows.containsKey(kind);
    }

    /** All vectors of a kind that it has. */
    public StoredFeatures of(String kind) {
        List<Integer> units = rows.get(kind);
        Check.argument(units != null, "%s has no %s, only %s", directory, kind, rows.keySet());
        return new StoredFeatures(directory, kind, java.util.Objects.requireNonNull(units));
    }
}
