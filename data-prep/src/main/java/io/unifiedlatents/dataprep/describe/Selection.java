package io.unifiedlatents.dataprep.describe;

import java.io.Serializable;

/**
 * The choice of rows for the contact sheet.
 *
 * @param perClass rows shown of each chosen class
 * @param everyClass n: every n-th class is chosen
 */
record Selection(int perClass, int everyClass) implements Serializable {
    private static final int MOST_PICTURES = 240;
    private static final int MOST_CLIPS = 60;

    /** Returns the requested number of each class, or as many as a page can hold. */
    static Selection of(int perClass, int classes, boolean clips) {
        int most = clips ? MOST_CLIPS : MOST_PICTURES;
        int every = Math.max(1, (classes + most - 1) / most);
        int shown = Math.max(1, (classes + every - 1) / every);
        return new Selection(Math.min(perClass, Math.max(1, most / shown)), every);
    }

    /** Returns whether a class is shown. */
    boolean has(int label) {
        return label % everyClass == 0;
    }
}
