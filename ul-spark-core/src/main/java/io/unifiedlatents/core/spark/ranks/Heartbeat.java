package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.train.Pulse;
import io.unifiedlatents.core.train.TrainingLoop;
import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where a rank is, as it tells the driver every second.
 *
 * @param rank who
 * @param step steps done, −1 before training goes on
 * @param phase what it is doing
 */
record Heartbeat(RankId rank, long step, String phase) implements Serializable {
    private static final long PAUSE_MILLIS = 1000;

    static Heartbeat of(RankId rank, Pulse pulse) {
        String phase = pulse.step() < 0 ? "start" : pulse.phase().name().toLowerCase(Locale.ROOT);
        return new Heartbeat(rank, pulse.step(), phase);
    }

    /** Sends heartbeats until closed; the driver's answer may be to stop. Says once how long starting took. */
    static Periodic start(RankId rank, Pulse pulse) {
        AtomicBoolean told = new AtomicBoolean();
        return Periodic.start("heartbeat", PAUSE_MILLIS, () -> {
            if (Boolean.TRUE.equals(ProgressPlugin.ask(of(rank, pulse)))) {
                pulse.requestStop();
            }
            Map<String, Long> reached = pulse.reachedNanosAgo();
            if (reached.containsKey(TrainingLoop.FIRST_STEP) && told.compareAndSet(false, true)) {
                ProgressPlugin.send(new Recovery.Started(rank, reached));
            }
        });
    }
}
