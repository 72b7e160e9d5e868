package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ClusterConfig;
import io.unifiedlatents.core.spark.cluster.Slots;
import io.unifiedlatents.core.telemetry.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.jspecify.annotations.Nullable;

/**
 * The driver's side of a job of ranks. Spark never retries a barrier stage, so the driver does: an attempt that failed
 * for a reason that may heal is followed by another from the newest checkpoint, on the slots there are.
 */
public final class Attempts {
    private static final long WATCH_MILLIS = 1000;
    private static final long LONGEST_PAUSE_SECONDS = 60;

    /** The records and decisions of a job that outlast its attempts. */
    public interface Run {
        /** Name of the job, for Spark's pages. */
        String name();

        /** Step of the newest checkpoint, 0 for none. */
        long committed() throws IOException;

        /** Receives every message of a rank, to log what concerns people. */
        void message(Object message);

        /** An attempt begins. */
        void attempt(int number, int ranks, long from) throws IOException;

        /** Training is where it was before a failure; seconds of each part of the way. */
        void caughtUp(int number, Map<String, Double> seconds);

        /** An attempt has failed; {@code again} says whether another follows. */
        void failed(int number, RankFailure failure, long committed, boolean again);

        /** The run has come to its end, whatever failed on the way. */
        void recovered() throws IOException;
    }

    private final JavaSparkContext spark;
    private final ClusterConfig cluster;
    private final ResourceProfile resources;
    private final int streams;
    private final StopControl stop;
    private final Run run;
    private @Nullable Recovery recovery;

    /**
     * A job of ranks.
     *
     * @param resources that each rank holds
     * @param streams micro-batches of a step: there are never more ranks
     */
    public Attempts(
            JavaSparkContext spark,
            ClusterConfig cluster,
            ResourceProfile resources,
            int streams,
            StopControl stop,
            Run run) {
        this.spark = spark;
        this.cluster = cluster;
        this.resources = resources;
        this.streams = streams;
        this.stop = stop;
        this.run = run;
        Check.setting(
                cluster.ranks() <= streams,
                "cluster.ranks=%d is more than the %d micro-batches of a step; lower it, or microBatch",
                cluster.ranks(),
                streams);
    }

    /**
     * Runs a task on all ranks until it has done its steps or is to stop.
     *
     * @param tasks task of an attempt by its number, from 1
     * @param steps of the whole run
     * @return steps done: fewer than {@code steps} where {@link StopControl} said so
     * @throws RunFailedException if it fails for good
     */
    public long run(IntFunction<RankTask> tasks, long steps) throws IOException, InterruptedException {
        int failures = 0;
        int wanted = cluster.ranks();
        long from = run.committed();
        for (int number = 1; ; number++) {
            int ranks = awaitSlots(wanted);
            if (ranks == 0) {
                return from;
            }
            wanted = Math.max(wanted, ranks);
            Outcome outcome = attempt(number, from, steps, ranks, tasks.apply(number));
            RankFailure failure = outcome.failure;
            if (failure == null) {
                if (outcome.steps >= steps || stop.reason() != null) {
                    run.recovered();
                    return outcome.steps;
                }
                from = outcome.steps; // an executor had to go: all is committed
                continue;
            }
            long committed = committed(from);
            failures = committed > from ? 1 : failures + 1;
            boolean again = failure.cause().healable() && failures <= cluster.maxFailures() && stop.reason() == null;
            run.failed(number, failure, committed, again);
            Console.printf("attempt %d: %s", number, failure.line());
            if (!again) {
                throw new RunFailedException(
                        failure.line() + advice(failure, failures), failure.cause(), outcome.thrown);
            }
            long pause = Math.min(LONGEST_PAUSE_SECONDS, 1L << Math.min(failures - 1, 6));
            Console.printf("going on from step %,d in %d s", committed, pause);
            TimeUnit.SECONDS.sleep(pause);
            from = committed;
        }
    }

    /** Step of the newest checkpoint; the step known before, where the store is out of reach. */
    private long committed(long before) {
        try {
            return run.committed();
        } catch (IOException e) {
            Console.println("checkpoints cannot be listed now: " + e.getMessage());
            return before;
        }
    }

    private String advice(RankFailure failure, int failures) {
        return failure.cause().healable() && failures > cluster.maxFailures()
                ? "; gave up after " + failures + " failures without a new checkpoint, cluster.maxFailures="
                        + cluster.maxFailures()
                : "";
    }

    /** The end of an attempt: steps done, or a failure. */
    private record Outcome(
            long steps,
            @Nullable RankFailure failure,
            @Nullable Exception thrown) {}

    private Outcome attempt(int number, long from, long steps, int ranks, RankTask task)
            throws IOException, InterruptedException {
        String name = spark.sc().applicationId() + "-" + number + "-"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        run.attempt(number, ranks, from);
        Recovery going = recovery;
        if (going != null) {
            going.submitted(name);
        }
        AttemptWatch watch = new AttemptWatch(name, cluster.stallSeconds());
        ProgressPlugin.listen(message -> {
            watch.accept(message);
            run.message(message);
            if (going != null) {
                going.accept(message).ifPresent(seconds -> run.caughtUp(number, seconds));
            }
            return stop.reason() != null;
        });
        spark.sc().addSparkListener(watch);
        String description = String.format(
                "%s: attempt %d on %d ranks, from step %,d of %,d", run.name(), number, ranks, from, steps);
        spark.setJobGroup(name, description, true);
        try (Periodic watching = Periodic.start("attempt-watch", WATCH_MILLIS, () -> watchOnce(watch, name, ranks))) {
            return new Outcome(Ranks.run(spark, name, resources, ranks, cluster, task), null, null);
        } catch (Exception e) { // Spark throws its own exceptions undeclared
            RankFailure reason = watch.reason(e);
            recovery = watch.recovery();
            return new Outcome(0, reason, e);
        } finally {
            spark.clearJobGroup();
            spark.sc().removeSparkListener(watch);
            ProgressPlugin.listen(null);
            watch.leaving().forEach(this::replace);
        }
    }

    private void watchOnce(AttemptWatch watch, String group, int ranks) {
        stop.spend(ranks, Duration.ofMillis(WATCH_MILLIS).toNanos());
        watch.check(stalled -> {
            spark.sc().cancelJobGroup(group);
            replace(stalled.at().rank().executor());
        });
    }

    /** Has the cluster end a process that hangs or must go, and start another. */
    private void replace(String executor) {
        if (!spark.isLocal()) {
            spark.sc().killAndReplaceExecutor(executor);
        }
    }

    /**
     * Waits until the cluster has a slot for each rank; after a while fewer will do, down to {@code minRanks}.
     *
     * @return ranks to use; 0 where training is to stop meanwhile
     */
    private int awaitSlots(int wanted) throws InterruptedException {
        int found = Slots.await(spark, resources, cluster, wanted, () -> stop.reason() != null);
        int slots = Math.min(streams, found);
        if (stop.reason() != null) {
            return 0;
        }
        if (slots >= Math.max(1, wanted)) {
            return wanted == 0 ? slots : wanted;
        }
        if (slots >= Math.max(1, cluster.minRanks()) && cluster.minRanks() > 0) {
            Console.printf("going on with %d of %d ranks", slots, wanted);
            return slots;
        }
        throw new RunFailedException(
                String.format(
                        "%d slots after %d s, cluster.ranks=%d needs one each (cluster.minRanks=%d); add executors, or"
                                + " lower them",
                        slots, cluster.waitForSlotsSeconds(), wanted, cluster.minRanks()),
                Cause.HARDWARE,
                null);
    }
}
