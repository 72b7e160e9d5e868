package io.unifiedlatents.dataprep.clip;

import org.jspecify.annotations.Nullable;

/** A {@link Span} in ticks of a stream; frames less than {@code tolerance} before a bound count as on it. */
record TickSpan(double start, double end, double tolerance) {

    static TickSpan of(@Nullable Span span, VideoFile video) {
        double tolerance = video.tolerance();
        return span == null
                ? new TickSpan(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, tolerance)
                : new TickSpan(video.ticks(span.start()), video.ticks(span.end()), tolerance);
    }

    boolean has(long time) {
        return !isBefore(time) && !isAfter(time);
    }

    /** Whether a frame comes before the span. */
    boolean isBefore(long time) {
        return time + tolerance < start;
    }

    /** Whether a frame comes after the span. */
    boolean isAfter(long time) {
        return time + tolerance >= end;
    }
}
