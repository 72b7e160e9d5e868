package io.unifiedlatents.dataprep.describe;

import java.util.ArrayList;
import java.util.List;

/** Bins of histograms. */
final class Histogram {
    private Histogram() {}

    /** Without empty bins at both ends. */
    static List<Card.Bin> trim(List<Card.Bin> bins) {
        int from = 0;
        int to = bins.size();
        while (from < to && bins.get(from).count() == 0) {
            from++;
        }
        while (to > from && bins.get(to - 1).count() == 0) {
            to--;
        }
        return new ArrayList<>(bins.subList(from, to));
    }
}
