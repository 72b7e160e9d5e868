package io.unifiedlatents.core.collective;

import java.io.IOException;

/**
 * Operations in which all ranks of a run take part: each rank makes the same calls in the same order, with vectors of
 * the same size. A call returns when this rank's part is done and its memory is free for other use.
 *
 * <p>Results are bit-identical on every rank, and on every run with the same world size and inputs, because each
 * element is summed in one fixed order.
 *
 * <p>Vectors lie on the host, or where an implementation says so on the rank's GPU; then a call takes what libtorch has
 * been told to compute into them by any thread so far, and returns when the GPU is done.
 *
 * <p>One thread at a time makes calls, except {@link #abort}, {@link #at}, {@link #check} and {@link #close}, which any
 * thread may call.
 *
 * <p>Failure: a call throws {@link PeerLostException} when a peer dies, stays silent for longer than the time-out, or
 * runs another operation; it throws another {@link IOException} after {@link #abort} or {@link #close} on this rank and
 * when its thread is interrupted. Afterwards the vector's contents are undefined, the connections are closed, so that
 * the peers fail as well, and every later call throws the first failure again. A failed collective never recovers: make
 * a new one.
 */
public interface Collective extends AutoCloseable {
    /** This rank, in [0, {@link #worldSize}). */
    int rank();

    /** Number of ranks, at least 1. */
    int worldSize();

    /**
     * Sums a vector over the ranks and leaves each rank its own range.
     *
     * @param vector summed in place: afterwards the own range holds the sum, the rest is scratch
     * @param partition of the vector's size and this world size
     */
    void reduceScatter(Floats vector, Partition partition) throws IOException;

    /**
     * As {@link #reduceScatter(Floats, Partition)} with half the bytes: ranks send bfloat16, add in float32, and send
     * what the rounding lost with their next call.
     *
     * @param vector on the host
     * @param feedback of this rank, of the vector's size, kept from call to call
     * @throws io.unifiedlatents.core.config.ConfigException for a vector on a GPU
     */
    void reduceScatter(Floats vector, Partition partition, ErrorFeedback feedback) throws IOException;

    /**
     * Copies each rank's own range to all ranks.
     *
     * @param vector of which the own range is read and the rest overwritten
     * @param partition of the vector's size and this world size
     */
    void allGather(Floats vector, Partition partition) throws IOException;

    /** Sums a vector over the ranks, in place, on every rank. */
    default void allReduce(Floats vector) throws IOException {
        Partition partition = new Partition(vector.size(), worldSize());
        reduceScatter(vector, partition);
        allGather(vector, partition);
    }

    /** Numbers that {@link #allReduce(double...)} takes at most. */
    int MAX_VALUES = 64;

    /**
     * Sums a few float64 numbers over the ranks, each added in rank order.
     *
     * @param values at most {@link #MAX_VALUES}, the same count on every rank; unchanged
     * @return their sums
     */
    double[] allReduce(double... values) throws IOException;

    /** Copies the vector of rank {@code root} to all ranks. */
    void broadcast(Floats vector, int root) throws IOException;

    /** Returns when all ranks have called it. */
    void barrier() throws IOException;

    /** Names where the run is, such as {@code "step 1200"}, for the messages of later failures. */
    void at(String where);

    /** Throws the failure that ended the collective, if there is one; never waits. */
    void check() throws IOException;

    /**
     * Ends the collective because of a failure elsewhere: a call blocked on this rank throws an {@link IOException}
     * with this cause, and the closed connections make the peers throw {@link PeerLostException}. Only the first
     * failure counts.
     */
    void abort(Throwable cause);

    /** Closes the connections; idempotent, and never blocks for long. */
    @Override
    void close();
}
