package io.unifiedlatents.dataprep.source;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A file of a source.
 *
 * @param path relative to the source, with forward slashes
 * @param length in bytes
 * @param problem why it cannot be read although it is there
 */
record FoundFile(String path, long length, @Nullable String problem) implements Serializable {
    /** The folder, relative to the source; {@code .} for files directly in it. */
    String folder() {
        return folder(path);
    }

    static String folder(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "." : path.substring(0, slash);
    }

    /** The last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
