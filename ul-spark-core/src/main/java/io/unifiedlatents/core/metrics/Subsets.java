package io.unifiedlatents.core.metrics;

import java.util.SplittableRandom;

/** Random subsets of feature vectors. */
final class Subsets {
    private Subsets() {}

    /** Distinct rows in random order, each subset of this size as likely (Fisher and Yates); rows are not copied. */
    static float[][] draw(float[][] rows, int size, SplittableRandom random) {
        float[][] shuffled = rows.clone();
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i, rows.length);
            float[] row = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = row;
        }
        return java.util.Arrays.copyOf(shuffled, size);
    }
}
