package io.unifiedlatents.core.config;

import java.util.Locale;

/** The form in which pictures or videos are given to a preparation. */
public enum SourceFormat {
    /** Found out by looking at the source. */
    AUTO,
    /** A directory tree of files. */
    DIRECTORY,
    /** Tar archives, also of archives. */
    ARCHIVES,
    /** Parquet files with a column of bytes. */
    PARQUET,
    /** A text file with one path a line. */
    LIST;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
