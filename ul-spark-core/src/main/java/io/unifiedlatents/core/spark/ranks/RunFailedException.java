package io.unifiedlatents.core.spark.ranks;

import org.jspecify.annotations.Nullable;

/** A job of ranks that ended without success, after all attempts it was worth. */
public final class RunFailedException extends RuntimeException {
    private final Cause reason;

    RunFailedException(String message, Cause reason, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why the last attempt failed. */
    public Cause reason() {
        return reason;
    }
}
