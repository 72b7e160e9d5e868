package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.Check;

/**
 * The part of a video that is meant: frames outside of it are not there.
 *
 * @param start seconds after the start of the file; frames shown then are inside
 * @param end seconds after the start of the file; frames shown then are outside
 */
public record Span(double start, double end) {
    /** Checks the order. */
    public Span {
        Check.argument(start >= 0 && end > start, "[%s, %s) is no span of seconds", start, end);
    }
}
