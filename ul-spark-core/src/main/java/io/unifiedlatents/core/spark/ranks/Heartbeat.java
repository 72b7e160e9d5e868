package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import io.unifiedlatents.core.train.Pulse;
import io.unifiedlatents.core.train.TrainingLoop;
import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The progress of a rank, which it sends to the driver every second.
 *
 * @param rank that beats
 * @param step steps done, −1 before training goes on
 * @param phase that it is in
 */
record Heartbeat(RankId rank, long step, Phase phase) implements Serializable {
    private static final long PAUSE_MILLIS = 1000;

    static Heartbeat of(RankId rank, Pulse pulse) {
        return new Heartbeat(rank, pulse.step(), pulse.phase());
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
