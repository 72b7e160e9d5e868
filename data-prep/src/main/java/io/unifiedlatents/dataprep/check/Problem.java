package io.unifiedlatents.dataprep.check;

import java.io.Serializable;
import java.util.Comparator;

/**
 * One thing that is wrong with a prepared data set.
 *
 * @param kind what it is counted as
 * @param place where it is
 * @param id of the sample; empty where it is not of one sample
 * @param what is wrong: what was found and what should be
 */
public record Problem(Kind kind, Place place, String id, String what) implements Serializable, Comparable<Problem> {
    private static final Comparator<Problem> ORDER = Comparator.comparing(Problem::place)
            .thenComparing(Problem::kind)
            .thenComparing(Problem::id)
            .thenComparing(Problem::what);

    /** The kinds that problems are counted by. */
    public enum Kind {
        /** A manifest that is missing, cannot be read, or is at odds with that of another split. */
        MANIFEST("manifests"),
        /** A shard that is missing, cannot be read, or is not the file that its manifest lists. */
        SHARD("shards"),
        /** Schema or footer of a shard. */
        FOOTER("footers"),
        /** A column of a row. */
        ROW("rows"),
        /** A picture or clip that is not what its row says. */
        PICTURE("pictures"),
        /** An id that more than one row has. */
        DUPLICATE("duplicate ids"),
        /** A source that has rows in more than one split. */
        LEAK("sources in two splits"),
        /** A file that no manifest lists. */
        UNLISTED("unlisted files"),
        /** Rows and {@code status/} at odds. */
        STATUS("status rows");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** For tables. */
        public String text() {
            return text;
        }
    }

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }
}
