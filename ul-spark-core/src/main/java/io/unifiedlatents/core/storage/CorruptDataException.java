package io.unifiedlatents.core.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Stored bytes that are not what they were published as; retrying cannot help, another copy can. */
public final class CorruptDataException extends IOException {
    /** Creates one with a message that names the file, what was found, what was expected and the way out. */
    public CorruptDataException(String message) {
        super(message);
    }

    /** With what went wrong below it, which may be null. */
    public CorruptDataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
