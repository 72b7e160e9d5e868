package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.metrics.features.Features;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/** Random subsets of feature vectors. */
final class Subsets {
    private Subsets() {}

    /** Distinct indices below {@code count} in random order, each subset of this size as likely (Fisher and Yates). */
    static int[] draw(int count, int size, SplittableRandom random) {
        int[] shuffled = new int[count];
        Arrays.setAll(shuffled, i -> i);
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i, count);
            int drawn = shuffled[j];
            shuffled[j] = shuffled[i];
            shuffled[i] = drawn;
        }
        return Arrays.copyOf(shuffled, size);
    }

    /** The indices {@code [from, to)} of a drawing as a set. */
    static BitSet set(int[] drawn, int from, int to) {
        BitSet set = new BitSet();
        for (int i = from; i < to; i++) {
            set.set(drawn[i]);
        }
        return set;
    }

    /** The vectors of several drawings, each in the order drawn, in one pass over the set. */
    static float[][][] pick(Features features, List<int[]> drawings) {
        float[][][] picked = new float[drawings.size()][][];
        long[][] wanted =
                new long[drawings.size()][]; // index in the set and, below it, place in the drawing; ascending
        int[] next = new int[drawings.size()];
        for (int s = 0; s < picked.length; s++) {
            int[] drawn = drawings.get(s);
            picked[s] = new float[drawn.length][];
            wanted[s] = new long[drawn.length];
            Arrays.setAll(wanted[s], place -> ((long) drawn[place] << Integer.SIZE) + place);
            Arrays.sort(wanted[s]);
        }
        features.forEach(0, features.count(), (index, vector) -> {
            for (int s = 0; s < picked.length; s++) {
                if (next[s] < wanted[s].length && wanted[s][next[s]] >> Integer.SIZE == index) {
                    picked[s][(int) wanted[s][next[s]]] = vector;
                    next[s]++;
                }
            }
        });
        return picked;
    }
}
