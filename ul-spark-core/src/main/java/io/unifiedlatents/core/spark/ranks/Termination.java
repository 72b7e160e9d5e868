package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.train.Pulse;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.util.SignalUtils;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the cluster takes this process back (SIGTERM from YARN, Kubernetes or a spot notice; SIGPWR from Spark's
 * decommissioning) while a rank runs in it: the ranks then end after their step, with a checkpoint. A process without a
 * rank ends at once, as ever.
 */
final class Termination {
    private static final AtomicReference<@Nullable Running> RUNNING = new AtomicReference<>();
    private static boolean registered;

    private record Running(Pulse pulse, Notice notice) {}

    /** The message to the driver that the executor of this rank is about to end. */
    record Notice(RankId rank) implements Serializable {}

    private Termination() {}

    /** Stops this rank on a notice, until {@link #forget}. */
    static synchronized void stopOnNotice(Pulse pulse, RankId rank) {
        if (!registered) {
            for (String signal : new String[] {"TERM", "PWR"}) {
                SignalUtils.register(signal, () -> handle(signal));
            }
            registered = true;
        }
        RUNNING.set(new Running(pulse, new Notice(rank)));
    }

    static void forget() {
        RUNNING.set(null);
    }

    /** Handles one signal; true where it need not end the process now. */
    private static boolean handle(String signal) {
        Running running = RUNNING.get();
        if (running == null) {
            return false;
        }
        running.pulse.requestStop();
        Thread notifier = new Thread(() -> ProgressPlugin.send(running.notice), "notice of SIG" + signal);
        notifier.setDaemon(true);
        notifier.start();
        return true;
    }
}
