package io.unifiedlatents.dataprep.clip;

import java.time.Duration;

/** When work on one file ends, done or not. */
final class Deadline {
    private final Duration time;
    private final long start = System.nanoTime();

    Deadline(Duration time) {
        this.time = time;
    }

    boolean passed() {
        return System.nanoTime() - start >= time.toNanos();
    }

    void check() throws Unreadable {
        if (passed()) {
            throw new Unreadable("took too long: not done after %.1f s".formatted(time.toMillis() / 1e3));
        }
    }
}
