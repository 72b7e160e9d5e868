package io.unifiedlatents.core.train;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.ErrorFeedback;
import io.unifiedlatents.core.collective.Floats;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.Precision;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sums ranges of the gradient over the ranks on a thread of its own, in the order in which they are given, while
 * backward goes on with others. Between {@link #start} and the end of {@link #await} the collective is this thread's.
 */
final class GradientReduction implements AutoCloseable {
    private final Collective collective;
    private final Partition partition;
    private final Floats gradient;
    private final @Nullable ErrorFeedback feedback; // where gradients are rounded on their way
    private final ExecutorService thread;
    private final Deque<Future<Long>> started = new ArrayDeque<>();

    GradientReduction(Collective collective, Partition partition, Floats gradient, Precision wire) {
        this.collective = collective;
        this.partition = partition;
        this.gradient = gradient;
        this.feedback = wire == Precision.BF16 ? new ErrorFeedback(gradient.size()) : null;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "gradient-reduction-" + collective.rank());
            daemon.setDaemon(true);
            return daemon;
        });
    }

    /** Gives up [begin, end) of the gradient, which is complete on this rank, until {@link #await} returns. */
    void start(long begin, long end) {
        started.add(thread.submit(() -> {
            long from = System.nanoTime();
            Floats range = gradient.range(begin, end);
            if (feedback == null) {
                collective.reduceScatter(range, partition.within(begin, end));
            } else {
                collective.reduceScatter(range, partition.within(begin, end), feedback.range(begin, end));
            }
            return System.nanoTime() - from;
        }));
    }

    /**
     * Waits until all that was started is summed.
     *
     * @return nanoseconds that the sums took, waiting for other ranks included
     */
    long await() throws IOException, InterruptedException {
        long nanos = 0;
        while (!started.isEmpty()) {
            try {
                nanos += started.remove().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IOException failure) {
                    throw failure;
                }
                throw new IllegalStateException("reduction of the gradient", e.getCause());
            }
        }
        return nanos;
    }

    /** Forgets what rounding has taken so far; only while nothing is started. */
    void clearRounding() {
        if (feedback != null) {
            feedback.clear();
        }
    }

    /** Ends the thread: a sum under way fails, and with it the collective. Afterwards nothing reads the gradient. */
    @Override
    public void close() {
        thread.shutdownNow();
        boolean interrupted = false;
        while (!thread.isTerminated()) {
            try {
                thread.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
