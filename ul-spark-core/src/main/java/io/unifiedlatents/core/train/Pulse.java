package io.unifiedlatents.core.train;

import io.unifiedlatents.core.telemetry.PhaseTimer;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;
import java.util.LinkedHashMap;
import java.util.Map;

/** The state of a running loop that other threads read, and the request to stop that they make. */
public final class Pulse {
    private final PhaseTimer timer = new PhaseTimer(System::nanoTime);
    private final Map<String, Long> reached = new LinkedHashMap<>();
    private volatile long step = -1;
    private volatile boolean stopRequested;

    /** Steps done; −1 until training goes on from its checkpoint. */
    public long step() {
        return step;
    }

    /** The phase that the rank is in. */
    public Phase phase() {
        return step < 0 ? Phase.START : timer.current();
    }

    /** Notes that a part of starting is over; what ends at the same name again is not noted. */
    public synchronized void reached(String part) {
        reached.putIfAbsent(part, System.nanoTime());
    }

    /** The time since each part of starting was over, in nanoseconds, in order. */
    public synchronized Map<String, Long> reachedNanosAgo() {
        long now = System.nanoTime();
        Map<String, Long> ago = new LinkedHashMap<>();
        reached.forEach((part, at) -> ago.put(part, now - at));
        return ago;
    }

    /** Asks the ranks to end after the step under way, with a checkpoint; one rank's request ends all. */
    public void requestStop() {
        stopRequested = true;
    }

    boolean stopRequested() {
        return stopRequested;
    }

    void at(long stepsDone) {
        step = stepsDone;
    }

    PhaseTimer timer() {
        return timer;
    }
}
