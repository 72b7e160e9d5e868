package io.unifiedlatents.core.collective;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the threads of {@link LocalCollective} meet. An operation has two phases: all ranks come with their
 * {@link Call}; then each does its part, and all leave when the last part is done. Only the first phase can fail or
 * time out, so nobody leaves, and frees its memory, while another rank reads it.
 */
final class LocalGroup {
    /**
     * What a rank brings to an operation; all must bring the same but for the contents.
     *
     * @param vector its memory, of no elements where the operation has none
     * @param values its terms of sums of values
     * @param root the rank to copy from, 0 where the operation has none
     * @param feedback what its messages lost, where they are rounded
     */
    record Call(
            Operation operation,
            FloatVector vector,
            double[] values,
            int root,
            @Nullable ErrorFeedback feedback) {
        static Call of(Operation operation, FloatVector vector) {
            return new Call(operation, vector, new double[0], 0, null);
        }

        static Call of(double[] values) {
            return new Call(Operation.ALL_REDUCE_VALUE, FloatVector.allocate(0), values, 0, null);
        }

        boolean matches(Call other) {
            return operation == other.operation && vector.size() == other.vector.size() && root == other.root;
        }

        String text() {
            return operation.text() + " of " + vector.size() + " floats from root " + root;
        }
    }

    private final int worldSize;
    private final Duration timeout;
    private final @Nullable Call[] calls;
    private final @Nullable IOException[] failures;
    private final String[] where;
    private int arrived;
    private int working;
    private long operations;

    LocalGroup(int worldSize, Duration timeout) {
        this.worldSize = worldSize;
        this.timeout = timeout;
        this.calls = new @Nullable Call[worldSize];
        this.failures = new @Nullable IOException[worldSize];
        this.where = new String[worldSize];
        Arrays.fill(where, "start");
    }

    int worldSize() {
        return worldSize;
    }

    /** Meets the other ranks, does this rank's part with all of them, and returns when all parts are done. */
    void run(int rank, Call call, Runnable part) throws IOException {
        meet(rank, call);
        try {
            part.run();
        } finally {
            leave();
        }
    }

    /** What a rank brought to the operation under way; for use in a part. */
    FloatVector vector(int rank) {
        return call(rank).vector;
    }

    /** Where a rank keeps what its messages lost; null where they are not rounded. */
    @Nullable
    ErrorFeedback feedback(int rank) {
        return call(rank).feedback;
    }

    /** The values that a rank brought to the operation under way; for use in a part. */
    double[] values(int rank) {
        return call(rank).values;
    }

    private synchronized Call call(int rank) {
        Call call = calls[rank];
        if (call == null) {
            throw new IllegalStateException("rank " + rank + " is in no operation");
        }
        return call;
    }

    private synchronized void meet(int rank, Call call) throws IOException {
        check(rank);
        if (arrived == 0) {
            Arrays.fill(calls, null);
        }
        calls[rank] = call;
        arrived++;
        if (arrived == worldSize) {
            checkCalls(rank, call);
            arrived = 0;
            working = worldSize;
            operations++;
            notifyAll();
            return;
        }
        awaitOthers(rank);
    }

    private synchronized void awaitOthers(int rank) throws IOException {
        long own = operations;
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (own == operations) {
                check(rank);
                long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMillis > 0) {
                    wait(leftMillis);
                } else {
                    fail(rank, lost(missing(), rank, silence(), null));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (own == operations) { // else all have come: do the part, the next call will see the interrupt
                fail(rank, new InterruptedIOException("rank " + rank + " was interrupted at " + where[rank]));
                check(rank);
            }
        }
    }

    private synchronized void leave() {
        working--;
        notifyAll();
        boolean interrupted = false;
        while (working > 0) { // short: the others copy memory
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkCalls(int rank, Call call) throws IOException {
        for (int other = 0; other < worldSize; other++) {
            if (!call(other).matches(call)) {
                String reason = "it called " + call(other).text() + ", rank " + rank + " called " + call.text()
                        + ": the ranks do not make the same calls";
                fail(rank, lost(other, rank, reason, null));
                check(rank);
            }
        }
    }

    synchronized void at(int rank, String label) {
        where[rank] = label;
    }

    synchronized void abort(int rank, Throwable cause) {
        fail(rank, new IOException("rank " + rank + " aborted at " + where[rank] + ": " + cause, cause));
    }

    synchronized void close(int rank) {
        fail(rank, new IOException("the collective of rank " + rank + " is closed"));
    }

    /** Records the first failure of a rank, and that the others lost it, and wakes all. */
    private void fail(int rank, IOException e) {
        for (int other = 0; other < worldSize; other++) {
            if (failures[other] == null) {
                failures[other] = other == rank ? e : lost(rank, other, String.valueOf(e.getMessage()), e);
            }
        }
        notifyAll();
    }

    /** Throws a rank's failure, if there is one. */
    synchronized void check(int rank) throws IOException {
        IOException first = failures[rank];
        if (first != null) {
            throw first;
        }
    }

    private PeerLostException lost(int peer, int rank, String reason, @Nullable IOException cause) {
        Call call = calls[rank];
        String operation = call == null ? "no operation" : call.operation.text();
        return new PeerLostException(peer, "a thread of this process", operation, where[rank], reason, cause);
    }

    private int missing() {
        int rank = 0;
        while (calls[rank] != null) {
            rank++;
        }
        return rank;
    }

    private String silence() {
        return "silent for " + timeout.toMillis() + " ms; raise the time-out if ranks may differ by more";
    }
}
