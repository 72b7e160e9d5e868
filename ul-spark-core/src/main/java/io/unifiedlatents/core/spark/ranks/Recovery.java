package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.train.TrainReport;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The parts of the time from a failure until training is back at the same step. All times are of the driver's clock:
 * ranks say how long ago they reached something. Thread safe.
 */
public final class Recovery {
    /** Part of starting: Spark has the executors and the tasks run. */
    static final String TASKS = "tasks";

    /** Part of starting: the ranks know each other and the ring is closed. */
    static final String RENDEZVOUS = "rendezvous";

    private static final String TOTAL = "total";

    /**
     * The message that a rank has made its first step.
     *
     * @param rank that made it
     * @param nanosAgo nanoseconds since the end of each part of starting, in order
     */
    record Started(RankId rank, Map<String, Long> nanosAgo) implements Serializable {}

    private final long stepAtFailure;
    private final long alive;
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private long reached;
    private String attempt = "";
    private boolean started;
    private boolean done;

    /**
     * An account that begins with a failure; times of {@link System#nanoTime}.
     *
     * @param alive last sign of progress of the rank that showed the oldest
     * @param noticed first sign of a failure
     * @param ended all tasks had ended and the reason was known
     * @param stepAtFailure the furthest step of a rank, −1 where none had begun
     */
    Recovery(long alive, long noticed, long ended, long stepAtFailure) {
        this.alive = alive;
        this.reached = alive;
        this.stepAtFailure = stepAtFailure;
        until("detection", noticed);
        until("teardown", ended);
    }

    private void until(String part, long time) {
        seconds.put(part, Math.max(0, time - reached) * 1e-9);
        reached = Math.max(reached, time);
    }

    /** The next attempt has its slots. */
    synchronized void submitted(String name) {
        attempt = name;
        until("records, pause and slots", System.nanoTime());
    }

    /** Takes what ranks send; the seconds of all parts, once, when training is where it was. */
    synchronized Optional<Map<String, Double>> accept(Object message) {
        long now = System.nanoTime();
        if (message instanceof Started first && first.rank.attempt().equals(attempt) && !started) {
            started = true;
            first.nanosAgo.forEach((part, ago) -> until(part, now - ago));
        }
        long step = -1;
        if (message instanceof Heartbeat beat) {
            step = beat.step();
        } else if (message instanceof TrainReport report) {
            step = report.step();
        }
        if (!started || done || step < Math.max(0, stepAtFailure)) {
            return Optional.empty();
        }
        done = true;
        until("replay to step " + Math.max(0, stepAtFailure), now);
        seconds.put(TOTAL, (now - alive) * 1e-9);
        return Optional.of(new LinkedHashMap<>(seconds));
    }

    /** The line for the console. */
    public static String line(Map<String, Double> seconds) {
        return "recovered in s: "
                + seconds.entrySet().stream()
                        .map(part -> String.format(Locale.ROOT, "%s %.1f", part.getKey(), part.getValue()))
                        .collect(Collectors.joining(", "));
    }
}
