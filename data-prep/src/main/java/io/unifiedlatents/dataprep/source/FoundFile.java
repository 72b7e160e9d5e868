package io.unifiedlatents.dataprep.source;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A file of a source.
 *
 * @param path relative to the source, with forward slashes
 * @param length in bytes
 * @param problem the reason why it cannot be read although it is there, else null
 */
record FoundFile(String path, long length, @Nullable String problem) implements Serializable {
    /** Returns all but the last part of a path; {@code .} where there is but one part. */
    static String folder(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "." : path.substring(0, slash);
    }

    /** The last part of the path. */
    String name() {
        return name(path);
    }

    /** Returns the last part of a path. */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
