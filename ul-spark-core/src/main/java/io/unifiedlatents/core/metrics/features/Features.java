package io.unifiedlatents.core.metrics.features;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Feature vectors of a set in units, read one unit at a time: what figures are made of, wherever they lie. Figures
 * never depend on how often or by whom a unit is read. Safe for use by several threads.
 */
public interface Features {
    /** Number of vectors of each unit. */
    List<Integer> rows();

    /**
     * The vectors of a unit; not for writing.
     *
     * @throws java.io.UncheckedIOException if they cannot be read
     */
    float[][] read(int unit);

    /** Number of vectors in all units. */
    default int count() {
        return rows().stream().reduce(0, Math::addExact);
    }

    /** Calls with the vectors {@code [from, to)} of the set in order; reads only the units they are in. */
    default void forEach(int from, int to, Visitor visitor) {
        int first = 0;
        for (int unit = 0; unit < rows().size() && first < to; unit++) {
            int rows = rows().get(unit);
            if (first + rows > from) {
                float[][] vectors = read(unit);
                for (int i = Math.max(0, from - first); i < Math.min(rows, to - first); i++) {
                    visitor.accept(first + i, vectors[i]);
                }
            }
            first += rows;
        }
    }

    /** The vectors {@code [from, to)} of the set. */
    default float[][] range(int from, int to) {
        float[][] vectors = new float[to - from][];
        forEach(from, to, (index, vector) -> vectors[index - from] = vector);
        return vectors;
    }

    /** Some of the vectors in the same units, given by their indices in the set. */
    default Features choose(BitSet chosen) {
        int[] before = new int[rows().size() + 1];
        for (int unit = 0; unit < rows().size(); unit++) {
            before[unit + 1] = before[unit] + rows().get(unit);
        }
        List<Integer> counts = IntStream.range(0, rows().size())
                .mapToObj(unit -> chosen.get(before[unit], before[unit + 1]).cardinality())
                .toList();
        Features all = this;
        return new Features() {
            @Override
            public List<Integer> rows() {
                return counts;
            }

            @Override
            public float[][] read(int unit) {
                if (counts.get(unit) == 0) {
                    return new float[0][];
                }
                float[][] vectors = all.read(unit);
                return chosen.get(before[unit], before[unit + 1]).stream()
                        .mapToObj(i -> vectors[i])
                        .toArray(float[][]::new);
            }
        };
    }

    /** A function of each vector. */
    @FunctionalInterface
    interface Visitor {
        /** Takes a vector and its index in the set. */
        void accept(int index, float[] vector);
    }
}
