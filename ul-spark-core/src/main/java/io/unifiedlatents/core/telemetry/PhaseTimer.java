package io.unifiedlatents.core.telemetry;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Adds up the time that a rank spends in each phase of training. Thread safe. */
public final class PhaseTimer {
    /** A phase of training; its name as text is in lower case. */
    public enum Phase {
        /** Joining the other ranks and restoring a checkpoint; not timed. */
        START,
        /** Waiting for input. */
        DATA,
        /** Forward, backward and optimizer. */
        COMPUTE,
        /** Waiting for and moving bytes to other ranks. */
        COMMUNICATION,
        /** Reading, copying or waiting to write state. */
        CHECKPOINT,
        /** Judging held-out pictures, and waiting for other ranks to do so. */
        EVALUATION;

        /** The phases that a timer measures. */
        public static final Set<Phase> TIMED = Collections.unmodifiableSet(EnumSet.range(DATA, EVALUATION));

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A phase under way; closing it adds its time. */
    public interface Span extends AutoCloseable {
        @Override
        void close();
    }

    private final LongSupplier nanoTime;
    private final Map<Phase, AtomicLong> nanos = new EnumMap<>(Phase.class);
    private volatile Phase current = Phase.COMPUTE;

    /**
     * Creates a timer at zero.
     *
     * @param nanoTime a clock in nanoseconds that never goes back, such as {@code System::nanoTime}
     */
    public PhaseTimer(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (Phase phase : Phase.TIMED) {
            nanos.put(phase, new AtomicLong());
        }
    }

    /** Starts a span of a phase, to be closed once, by try-with-resources. */
    public Span span(Phase phase) {
        long start = nanoTime.getAsLong();
        current = phase;
        return () -> add(phase, nanoTime.getAsLong() - start);
    }

    /** The phase of the span that was started last. */
    public Phase current() {
        return current;
    }

    /** Adds time measured elsewhere, in nanoseconds. */
    public void add(Phase phase, long spentNanos) {
        Objects.requireNonNull(nanos.get(phase)).addAndGet(spentNanos);
    }

    /** Nanoseconds of every phase since the last call, or since the start; begins again at zero. */
    public Map<Phase, Long> snapshotAndReset() {
        Map<Phase, Long> snapshot = new EnumMap<>(Phase.class);
        nanos.forEach((phase, counter) -> snapshot.put(phase, counter.getAndSet(0)));
        return Collections.unmodifiableMap(snapshot);
    }
}
