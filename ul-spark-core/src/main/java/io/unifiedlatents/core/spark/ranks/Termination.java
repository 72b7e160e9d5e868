package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.train.Pulse;
import java.io.Serializable;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.util.SignalUtils;
import org.jspecify.annotations.Nullable;
import scala.runtime.AbstractFunction0;

/**
 * Notices that the cluster takes this process back (SIGTERM from YARN, Kubernetes or a spot notice; SIGPWR from Spark's
 * decommissioning) while a rank runs in it: the ranks then end after their step, with a checkpoint. A process without a
 * rank ends at once, as ever.
 */
final class Termination {
    private static final AtomicReference<@Nullable Running> RUNNING = new AtomicReference<>();
    private static boolean registered;

    private record Running(Pulse pulse, Notice notice) {}

    /**
     * Tells the driver which executor is going.
     *
     * @param rank which runs there
     */
    record Notice(RankId rank) implements Serializable {}

    private Termination() {}

    /** Stops this rank on a notice, until {@link #forget}. */
    static synchronized void stopOnNotice(Pulse pulse, RankId rank) {
        if (!registered) {
            for (String signal : new String[] {"TERM", "PWR"}) {
                SignalUtils.register(signal, new Handler(signal));
            }
            registered = true;
        }
        RUNNING.set(new Running(pulse, new Notice(rank)));
    }

    static void forget() {
        RUNNING.set(null);
    }

    /** Handles one signal; true where it need not end the process now. */
    private static final class Handler extends AbstractFunction0<Object> {
        private final String signal;

        Handler(String signal) {
            this.signal = signal;
        }

        @Override
        public Object apply() {
            Optional<Running> running = Optional.ofNullable(RUNNING.get());
            running.ifPresent(rank -> {
                rank.pulse.requestStop();
                Thread tell = new Thread(() -> ProgressPlugin.send(rank.notice), "notice of SIG" + signal);
                tell.setDaemon(true);
                tell.start();
            });
            return running.isPresent();
        }
    }
}
