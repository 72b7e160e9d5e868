package io.unifiedlatents.core.train;

import io.unifiedlatents.core.telemetry.PhaseTimer;
import io.unifiedlatents.core.telemetry.PhaseTimer.Phase;

/** What other threads see of a running loop, and ask of it. */
public final class Pulse {
    private final PhaseTimer timer = new PhaseTimer(System::nanoTime);
    private volatile long step = -1;
    private volatile boolean stopRequested;

    /** Steps done; −1 until training goes on from its checkpoint. */
    public long step() {
        return step;
    }

    /** What the rank is doing. */
    public Phase phase() {
        return timer.current();
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
