package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.jspecify.annotations.Nullable;

/**
 * The driver's watch over one attempt: the step and phase of each rank, ranks that are silent or stand still, and the
 * reason of a failure. Thread safe.
 *
 * <p>A rank is taken for dead when no heartbeat comes for {@code stallSeconds}; the attempt, when no rank finishes a
 * step for the longer of {@code stallSeconds} and {@value #STEPS} times the longest step so far. Starting, writing
 * checkpoints and evaluation may take {@value #SLOW_SECONDS} s.
 */
final class AttemptWatch extends SparkListener {
    private static final int STEPS = 10;
    private static final int SLOW_SECONDS = 600;
    private static final Set<Phase> SLOW_PHASES = Set.of(Phase.START, Phase.CHECKPOINT, Phase.EVALUATION);

    /** The time for which the driver waits, after an attempt has failed, to hear why. */
    private static final Duration REASONS = Duration.ofSeconds(3);

    /** The last heartbeat of a rank, with times in nanoseconds, and whether it has evaluated since its step began. */
    private record LastBeat(Heartbeat beat, long heard, long stepSince, boolean evaluated) {}

    private final String attempt;
    private final long stallNanos;
    private final LongSupplier nanoTime;
    private final Map<Integer, LastBeat> ranks = new HashMap<>();
    private final Map<String, String> lostExecutors = new HashMap<>();
    private final List<RankFailure> failures = new ArrayList<>();
    private final Set<String> leaving = new LinkedHashSet<>();
    private long longestStepNanos;
    private long noticed;
    private @Nullable RankFailure stall;

    AttemptWatch(String attempt, int stallSeconds) {
        this(attempt, stallSeconds, System::nanoTime);
    }

    AttemptWatch(String attempt, int stallSeconds, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.attempt = attempt;
        this.stallNanos = Duration.ofSeconds(stallSeconds).toNanos();
    }

    /** Takes what a rank sends; other messages, and those of earlier attempts, are left alone. */
    synchronized void accept(Object message) {
        if (message instanceof Heartbeat beat && isOurs(beat.rank())) {
            hear(beat, nanoTime.getAsLong());
        } else if (message instanceof RankFailure failure && isOurs(failure.at().rank())) {
            failures.add(failure);
            notice();
        } else if (message instanceof Termination.Notice notice && isOurs(notice.rank())) {
            leaving.add(notice.rank().executor());
        }
        notifyAll();
    }

    private boolean isOurs(RankId rank) {
        return rank.attempt().equals(attempt);
    }

    private void hear(Heartbeat beat, long now) {
        LastBeat before = ranks.get(beat.rank().rank());
        long since = now;
        boolean evaluated = beat.phase() == Phase.EVALUATION;
        if (before != null && before.beat.step() == beat.step()) {
            since = before.stepSince;
            evaluated |= before.evaluated;
        } else if (before != null && before.beat.step() >= 0 && !before.evaluated) {
            long steps = beat.step() - before.beat.step();
            longestStepNanos = Math.max(longestStepNanos, (now - before.stepSince) / Math.max(1, steps));
        }
        ranks.put(beat.rank().rank(), new LastBeat(beat, now, since, evaluated));
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
        lostExecutors.put(event.executorId(), event.reason());
        notice();
        notifyAll();
    }

    /** Looks for ranks that are silent or stand still; tells {@code onStall} of the first, once. */
    void check(Consumer<RankFailure> onStall) {
        RankFailure found;
        synchronized (this) {
            found = stall == null ? stalled(nanoTime.getAsLong()) : null;
            stall = found == null ? stall : found;
            if (found != null) {
                notice();
            }
        }
        if (found != null) {
            onStall.accept(found);
        }
    }

    private void notice() {
        noticed = noticed == 0 ? nanoTime.getAsLong() : noticed;
    }

    /** An attempt that has just ended badly, for the account of what going on takes. */
    synchronized Recovery recovery() {
        long now = nanoTime.getAsLong();
        long found = noticed == 0 ? now : noticed;
        long alive =
                ranks.values().stream().mapToLong(LastBeat::stepSince).min().orElse(found);
        long step = ranks.values().stream()
                .mapToLong(last -> last.beat.step())
                .max()
                .orElse(-1);
        return new Recovery(alive, Math.max(alive, found), now, step);
    }

    private @Nullable RankFailure stalled(long now) {
        for (LastBeat last : ranks.values()) {
            if (now - last.heard > stallNanos) {
                return RankFailure.found(
                        last.beat,
                        Cause.HARDWARE,
                        String.format(
                                "no heartbeat for %d s, limit cluster.stallSeconds=%d",
                                seconds(now - last.heard), seconds(stallNanos)));
            }
        }
        // the others wait for it: it is the one that is busy with something of its own, or the furthest behind
        LastBeat culprit = ranks.values().stream()
                .min(Comparator.comparing((LastBeat last) -> last.beat.phase() == Phase.COMMUNICATION)
                        .thenComparing(last -> last.beat.step()))
                .orElse(null);
        if (culprit == null) {
            return null;
        }
        long limit = Math.max(stallNanos, STEPS * longestStepNanos);
        if (SLOW_PHASES.contains(culprit.beat.phase())) {
            limit = Math.max(limit, Duration.ofSeconds(SLOW_SECONDS).toNanos());
        }
        long since =
                ranks.values().stream().mapToLong(LastBeat::stepSince).max().orElse(now);
        if (now - since <= limit) {
            return null;
        }
        return RankFailure.found(
                culprit.beat,
                Cause.HARDWARE,
                String.format("no step for %d s, limit %d s", seconds(now - since), seconds(limit)));
    }

    /** Executors of this attempt that the cluster takes back. */
    synchronized Set<String> leaving() {
        return new HashSet<>(leaving);
    }

    /** Why the attempt failed, once Spark has thrown: waits briefly for the ranks' own reasons. */
    synchronized RankFailure reason(Exception thrown) throws InterruptedException {
        long deadline = nanoTime.getAsLong() + REASONS.toNanos();
        while (true) {
            RankFailure root = root();
            long left = deadline - nanoTime.getAsLong();
            if (root != null) {
                return root;
            }
            if (left <= 0) {
                return withoutRoot(thrown);
            }
            wait(Math.max(1, left / 1_000_000));
        }
    }

    /** A stalled rank, else the first that failed for a reason of its own, else a process that is gone. */
    private @Nullable RankFailure root() {
        if (stall != null) {
            return stall;
        }
        for (RankFailure failure : failures) {
            if (!failure.consequence()) {
                return failure;
            }
        }
        for (LastBeat last : ranks.values()) {
            String reason = lostExecutors.get(last.beat.rank().executor());
            if (reason != null) {
                return RankFailure.found(last.beat, Cause.ofLostExecutor(reason), "process lost: " + reason);
            }
        }
        return null;
    }

    private RankFailure withoutRoot(Exception thrown) {
        for (RankFailure failure : failures) {
            LastBeat lost = ranks.get(failure.lostPeer());
            if (lost != null) {
                return RankFailure.found(lost.beat, Cause.NETWORK, failure.message());
            }
        }
        if (!failures.isEmpty()) {
            return failures.get(0);
        }
        return RankFailure.of(new Heartbeat(RankId.NONE, -1, Phase.START), thrown);
    }

    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos).toSeconds();
    }
}
