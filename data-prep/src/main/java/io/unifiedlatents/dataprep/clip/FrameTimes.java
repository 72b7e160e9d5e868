package io.unifiedlatents.dataprep.clip;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;

/**
 * The times at which the frames of a video are shown.
 *
 * @param ticks of each frame, in the order in which they are shown
 * @param end when the last one ends
 */
record FrameTimes(List<Long> ticks, double end) {
    /** Number of the frame shown at a time; negative where none begins then. */
    int numberOf(long time) {
        return Collections.binarySearch(ticks, time);
    }

    /** The frames within a span. */
    FrameTimes within(TickSpan span) {
        List<Long> kept = ticks.stream().filter(span::has).toList();
        return new FrameTimes(kept, Math.min(end, span.end()));
    }

    /** Whether no two frames have the same time. */
    boolean distinct() {
        return new HashSet<>(ticks).size() == ticks.size();
    }

    /** Collects frames in any order. */
    static final class Builder {
        private final List<Long> ticks = new ArrayList<>();
        private long last = Long.MIN_VALUE;
        private long end;

        void add(long time, long duration) {
            ticks.add(time);
            if (time > last) {
                last = time;
                end = time + duration;
            }
        }

        FrameTimes build() {
            Collections.sort(ticks);
            return new FrameTimes(List.copyOf(ticks), end);
        }
    }
}
