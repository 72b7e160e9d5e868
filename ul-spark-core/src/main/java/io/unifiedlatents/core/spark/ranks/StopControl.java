package io.unifiedlatents.core.spark.ranks;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.util.SignalUtils;
import org.jspecify.annotations.Nullable;

/**
 * Decides when training ends before its last step: at SIGTERM or SIGINT to the driver, or when a budget is spent. The
 * ranks then finish their step and commit a checkpoint. A second signal ends the process at once.
 */
public final class StopControl {
    private final long startNanos = System.nanoTime();
    private final @Nullable Duration stopAfter;
    private final double maxGpuHours;
    private final AtomicReference<@Nullable String> reason = new AtomicReference<>();
    private double rankHours;

    /**
     * Creates the control of one command.
     *
     * @param stopAfter wall time of this command; null for none
     * @param maxGpuHours ranks times hours of training in this command; 0 for no limit
     */
    public StopControl(@Nullable Duration stopAfter, double maxGpuHours) {
        this.stopAfter = stopAfter;
        this.maxGpuHours = maxGpuHours;
    }

    /** Lets SIGTERM and SIGINT stop training instead of the process, until they come again. */
    public StopControl onSignals() {
        for (String signal : new String[] {"TERM", "INT"}) {
            SignalUtils.register(signal, () -> reason.compareAndSet(null, "SIG" + signal));
        }
        return this;
    }

    /** Why training should end, or null while it should go on. */
    @Nullable
    public String reason() {
        if (stopAfter != null && System.nanoTime() - startNanos > stopAfter.toNanos()) {
            reason.compareAndSet(null, "--stop-after " + stopAfter);
        }
        return reason.get();
    }

    /** Counts time that ranks have trained. */
    synchronized void spend(int ranks, long nanos) {
        rankHours += ranks * nanos / 3.6e12;
        if (maxGpuHours > 0 && rankHours >= maxGpuHours) {
            reason.compareAndSet(null, String.format("--max-gpu-hours %s", maxGpuHours));
        }
    }
}
