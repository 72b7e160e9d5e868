package io.unifiedlatents.core.train;

/** A loss or gradient that is no number: the same step would give it again, so a retry cannot help. */
public final class NonFiniteException extends RuntimeException {
    /** Creates one with a message that names the step, the figure and the way out. */
    public NonFiniteException(String message) {
        super(message);
    }
}
