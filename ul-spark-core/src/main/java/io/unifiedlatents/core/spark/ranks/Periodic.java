package io.unifiedlatents.core.spark.ranks;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A daemon thread that does something again and again, until it is closed. */
final class Periodic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Periodic.class);

    /** The action that is repeated; exceptions are logged, and it is repeated again. */
    interface Action {
        void run() throws InterruptedException;
    }

    private final Thread thread;

    private Periodic(String name, long pauseMillis, Action action) {
        this.thread = new Thread(() -> repeat(name, pauseMillis, action), name);
        thread.setDaemon(true);
    }

    /** Starts at once, with a pause between two times. */
    static Periodic start(String name, long pauseMillis, Action action) {
        Periodic periodic = new Periodic(name, pauseMillis, action);
        periodic.thread.start();
        return periodic;
    }

    private static void repeat(String name, long pauseMillis, Action action) {
        try {
            while (true) {
                try {
                    action.run();
                } catch (RuntimeException e) {
                    LOG.warn("{} failed, and is tried again", name, e);
                }
                Thread.sleep(pauseMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Ends the thread without waiting for it. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
