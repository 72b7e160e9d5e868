package io.unifiedlatents.core.lease;

import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that wants the lease of a directory and watches whether the record of the newest lease still changes. It
 * compares no clock but its own. Not thread safe.
 */
final class Contender {
    private static final int POLLS = 20;
    private static final long LONGEST_POLL_MILLIS = 1000;

    /** Content of a record and since when, by {@link System#nanoTime}, it has been that. */
    private record Sighting(byte[] content, long since) {}

    private final Storage output;
    private final LeaseRecords records;
    private final int ownSeconds;
    private final Map<String, Sighting> sightings = new HashMap<>();
    private boolean told;

    Contender(Storage output, LeaseRecords records, int ownSeconds) {
        this.output = output;
        this.records = records;
        this.ownSeconds = ownSeconds;
    }

    long pollMillis() {
        return Math.min(LONGEST_POLL_MILLIS, 1000L * ownSeconds / POLLS);
    }

    /**
     * Waits until the newest lease has been released, or not been renewed for as long as its record says.
     *
     * @return number of the newest lease, 0 for none
     * @throws LeaseException where it is renewed
     */
    long awaitExpiry() throws IOException, InterruptedException {
        while (true) {
            long asked = System.nanoTime(); // a record that is read from now on has not changed until now
            Map<String, byte[]> newest = records.newest();
            boolean live = false;
            for (Map.Entry<String, byte[]> record : newest.entrySet()) {
                live |= isLive(record.getKey(), record.getValue(), asked);
            }
            if (!live) {
                return newest.keySet().stream()
                        .mapToLong(LeaseRecords::number)
                        .max()
                        .orElse(0);
            }
            TimeUnit.MILLISECONDS.sleep(pollMillis());
        }
    }

    private boolean isLive(String name, byte[] content, long asked) {
        LeaseRecord record = LeaseRecords.parse(content); // null is taken for a lease of our own length
        if (record != null && record.released()) {
            return false;
        }
        int seconds = record == null ? ownSeconds : record.seconds();
        Sighting seen = sightings.get(name);
        if (seen == null || !Arrays.equals(seen.content, content)) {
            sightings.put(name, new Sighting(content, System.nanoTime()));
            if (seen != null && record != null) {
                throw new LeaseException(
                        ("%s is written by another job: lease %d is held by %s and was renewed just now;"
                                        + " it may be taken over when it has not been renewed for %d s. Wait for that job to"
                                        + " end, or make sure that it is dead and add --take-over")
                                .formatted(output, record.number(), record.holder(), seconds));
            }
            return true;
        }
        boolean live = asked - seen.since < Duration.ofSeconds(seconds).toNanos();
        if (live && !told) {
            told = true;
            Console.printf(
                    "%s: lease %d is held by %s; waiting up to %d s to see whether it is renewed (--take-over does not"
                            + " wait)",
                    output, LeaseRecords.number(name), record == null ? "a job unknown" : record.holder(), seconds);
        }
        return live;
    }
}
