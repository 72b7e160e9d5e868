package io.unifiedlatents.core.lease;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The record of a lease, as it is stored.
 *
 * @param number grows from one holder of the directory to the next
 * @param user who started the job
 * @param host where its driver runs
 * @param process id of the driver on that host
 * @param application id of the Spark application
 * @param since when the lease was taken, ISO 8601, by the holder's clock
 * @param renewed when it was last renewed, by the same clock; for people only
 * @param renewals how often it has been renewed: a contender watches whether this changes
 * @param seconds without renewal after which others may take it over
 * @param released whether the holder has ended
 */
record LeaseRecord(
        long number,
        String user,
        String host,
        long process,
        String application,
        String since,
        String renewed,
        long renewals,
        int seconds,
        boolean released) {

    /** The record of a lease that is taken now. */
    static LeaseRecord taken(long number, String host, String application, int seconds) {
        String user = System.getProperty("user.name", "unknown");
        long process = ProcessHandle.current().pid();
        return new LeaseRecord(number, user, host, process, application, now(), now(), 0, seconds, false);
    }

    LeaseRecord renewed(boolean release) {
        return new LeaseRecord(number, user, host, process, application, since, now(), renewals + 1, seconds, release);
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** The holder, for messages. */
    String holder() {
        return "%s on %s (process %d, application %s) since %s".formatted(user, host, process, application, since);
    }
}
