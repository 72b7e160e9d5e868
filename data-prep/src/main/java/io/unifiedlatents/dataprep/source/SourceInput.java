package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One input as it was found. */
public interface SourceInput {
    /** Larger inputs are not read but reported: a task holds an input whole. */
    long MAX_BYTES = 512L << 20;

    /**
     * Its name: relative to the source, with forward slashes; {@code <archive>/<member>} in archives,
     * {@code <file>#<row>} in Parquet, as it stands there in a list.
     */
    String path();

    /** Length in bytes; -1 where it is not known before reading. */
    long length();

    /** What the source itself says of it. */
    Annotation annotation();

    /**
     * Why it cannot be used although it is there, else null: one of a few fixed short phrases, a colon, and the
     * particulars, such as {@code "link: to ../x"}. Such an input must not be read.
     */
    @Nullable
    String problem();

    /**
     * Its bytes, which the caller owns; to be called before the reader goes on to the next input.
     *
     * @throws IOException where the storage fails, which another try may cure
     */
    byte[] read() throws IOException;
}
