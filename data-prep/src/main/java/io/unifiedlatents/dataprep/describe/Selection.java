package io.unifiedlatents.dataprep.describe;

import java.io.Serializable;

/**
 * Which classes are on the contact sheet, and how many of each: as many as asked for, while a page can hold them.
 *
 * @param perClass rows of each class shown
 * @param everyClass 1: all are shown; n: every n-th
 */
record Selection(int perClass, int everyClass) implements Serializable {
    private static final int MOST_PICTURES = 240;
    private static final int MOST_CLIPS = 60;

    /** As many as fit. */
    static Selection of(int perClass, int classes, boolean clips) {
        int most = clips ? MOST_CLIPS : MOST_PICTURES;
        int every = Math.max(1, (classes + most - 1) / most);
        int shown = Math.max(1, (classes + every - 1) / every);
        return new Selection(Math.min(perClass, Math.max(1, most / shown)), every);
    }

    /** Whether a class is shown. */
    boolean has(int label) {
        return label % everyClass == 0;
    }
}
