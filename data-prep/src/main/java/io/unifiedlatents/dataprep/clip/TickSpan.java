package io.unifiedlatents.dataprep.clip;

import org.jspecify.annotations.Nullable;

/** A {@link Span} in ticks of a stream; times within half a tick of a bound count as on it. */
record TickSpan(double start, double end) {
    static final double TOLERANCE = 0.5;

    static TickSpan of(@Nullable Span span, VideoFile video) {
        return span == null
                ? new TickSpan(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
                : new TickSpan(video.ticks(span.start()), video.ticks(span.end()));
    }

    boolean has(long time) {
        return !isBefore(time) && !isAfter(time);
    }

    /** Whether a frame comes before the span. */
    boolean isBefore(long time) {
        return time + TOLERANCE < start;
    }

    /** Whether a frame comes after the span. */
    boolean isAfter(long time) {
        return time + TOLERANCE >= end;
    }
}
