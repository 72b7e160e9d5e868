package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import java.io.Serializable;

/**
 * The limit at which a row group ends: after the row with which it has this many rows or stored bytes.
 *
 * @param rows at most, at least 1
 * @param bytes of pictures or clips, at least 1
 */
public record RowGroupLimit(int rows, long bytes) implements Serializable {
    /** Checks the ranges. */
    public RowGroupLimit {
        Check.argument(rows > 0 && bytes > 0, "a row group of %d rows and %d bytes holds nothing", rows, bytes);
    }

    /** Rows alone decide. */
    public static RowGroupLimit rows(int rows) {
        return new RowGroupLimit(rows, Long.MAX_VALUE);
    }
}
