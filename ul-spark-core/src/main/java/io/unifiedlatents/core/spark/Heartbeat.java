package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.train.Pulse;
import java.io.Serializable;
import java.util.Locale;

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

    /** Sends heartbeats until closed; the driver's answer may be to stop. */
    static Periodic start(RankId rank, Pulse pulse) {
        return Periodic.start("heartbeat", PAUSE_MILLIS, () -> {
            if (Boolean.TRUE.equals(ProgressPlugin.ask(of(rank, pulse)))) {
                pulse.requestStop();
            }
        });
    }
}
