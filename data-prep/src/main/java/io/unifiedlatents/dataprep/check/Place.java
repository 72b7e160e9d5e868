package io.unifiedlatents.dataprep.check;

import java.io.Serializable;
import java.util.Comparator;

/**
 * A position in a prepared directory: a file, a row group or a row.
 *
 * @param file relative to the directory, as {@code train/shard-000000.parquet}
 * @param group row group from 0; -1 for the whole file
 * @param row row within the row group from 0; -1 for the whole row group
 */
public record Place(String file, int group, int row) implements Serializable, Comparable<Place> {
    private static final Comparator<Place> ORDER =
            Comparator.comparing(Place::file).thenComparingInt(Place::group).thenComparingInt(Place::row);

    /** A whole file. */
    static Place of(String file) {
        return new Place(file, -1, -1);
    }

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return file + (group < 0 ? "" : ", row group " + group) + (row < 0 ? "" : ", row " + row);
    }
}
