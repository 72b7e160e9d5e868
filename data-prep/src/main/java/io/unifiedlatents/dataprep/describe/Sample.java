package io.unifiedlatents.dataprep.describe;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A row on the contact sheet.
 *
 * @param key what rows are chosen by: the smallest hashes of ids, the same rows on every machine
 * @param split data set it is in
 * @param label of its class
 * @param source where it came from
 * @param caption null where it has none
 * @param picture small enough for a page
 */
record Sample(
        String key,
        String split,
        int label,
        String source,
        @Nullable String caption,
        Thumbnail picture) implements Serializable {}
