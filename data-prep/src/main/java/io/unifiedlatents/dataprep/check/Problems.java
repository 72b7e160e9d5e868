package io.unifiedlatents.dataprep.check;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Problems counted by kind, of which only the first are kept. Not thread safe. */
final class Problems implements Serializable {
    private final int limit;
    private final Map<Problem.Kind, Long> counts = new EnumMap<>(Problem.Kind.class);
    private final TreeSet<Problem> first = new TreeSet<>();

    /** Creates an empty list that keeps the first {@code limit} problems. */
    Problems(int limit) {
        this.limit = limit;
    }

    void add(Problem.Kind kind, Place place, String id, String what) {
        counts.merge(kind, 1L, Long::sum);
        keep(new Problem(kind, place, id, what));
    }

    /** Adds the problems of another part of the data. */
    void addAll(Problems others) {
        others.counts.forEach((kind, count) -> counts.merge(kind, count, Long::sum));
        others.first.forEach(this::keep);
    }

    private void keep(Problem problem) {
        first.add(problem);
        if (first.size() > limit) {
            first.pollLast();
        }
    }

    Map<Problem.Kind, Long> counts() {
        return counts;
    }

    /** Returns the problems kept, in order. */
    List<Problem> first() {
        return List.copyOf(first);
    }
}
