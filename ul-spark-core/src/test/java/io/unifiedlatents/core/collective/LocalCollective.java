package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One of several ranks that are threads of this process: they read each other's vectors where they lie. Sums are those
 * of {@link io.unifiedlatents.core.collective.ring.TcpRing} to the last bit.
 *
 * <p>Every vector of an operation must stay readable by all ranks until the operation ends, also where it fails: a call
 * does not return while another rank still copies.
 */
public final class LocalCollective implements Collective {
    private static final int SCRATCH_FLOATS = 1 << 16;

    private final LocalGroup group;
    private final int rank;
    private final FloatVector scratch = FloatVector.allocate(SCRATCH_FLOATS);

    private LocalCollective(LocalGroup group, int rank) {
        this.group = group;
        this.rank = rank;
    }

    /**
     * The ranks of one group, each to be used by its own thread.
     *
     * @param worldSize number of ranks, at least 1
     * @param timeout longest wait for a rank that does not come to the same call
     */
    public static List<Collective> group(int worldSize, Duration timeout) {
        Check.argument(worldSize >= 1, "worldSize=%s must be at least 1", worldSize);
        Check.setting(!timeout.isNegative() && !timeout.isZero(), "timeout=%s must be positive", timeout);
        LocalGroup group = new LocalGroup(worldSize, timeout);
        List<Collective> ranks = new ArrayList<>();
        for (int rank = 0; rank < worldSize; rank++) {
            ranks.add(new LocalCollective(group, rank));
        }
        return List.copyOf(ranks);
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int worldSize() {
        return group.worldSize();
    }

    @Override
    public void reduceScatter(Floats floats, Partition partition) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkPartition(this, vector, partition);
        reduceScatter(partition, LocalGroup.Call.of(Operation.REDUCE_SCATTER, vector));
    }

    @Override
    public void reduceScatter(Floats floats, Partition partition, ErrorFeedback feedback) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkPartition(this, vector, partition);
        feedback.checkFits(vector);
        reduceScatter(
                partition, new LocalGroup.Call(Operation.REDUCE_SCATTER_BF16, vector, new double[0], 0, feedback));
    }

    private void reduceScatter(Partition partition, LocalGroup.Call call) throws IOException {
        group.run(rank, call, () -> {
            long end = partition.end(rank);
            for (long at = partition.begin(rank); at < end; at += SCRATCH_FLOATS) {
                sum(call.vector(), at, Math.min(end, at + SCRATCH_FLOATS));
            }
        });
    }

    /** Adds up this rank's range in the order in which a ring does: next rank first, own term last. */
    private void sum(FloatVector vector, long begin, long end) {
        FloatVector sum = scratch.range(0, end - begin);
        for (int hop = 1; hop < worldSize(); hop++) {
            int sender = (rank + hop) % worldSize();
            FloatVector term = group.vector(sender).range(begin, end);
            if (hop == 1) {
                sum.set(term, 0);
            } else {
                sum.add(term, 0);
            }
            ErrorFeedback feedback = group.feedback(sender);
            if (feedback != null) {
                roundTrip(sum, feedback.range(begin, end));
            }
        }
        if (worldSize() > 1) {
            vector.add(sum, begin);
        }
    }

    /** Replaces values by what a receiver decodes of them. */
    private static void roundTrip(FloatVector values, ErrorFeedback feedback) {
        int size = Math.toIntExact(values.size());
        ByteBuffer codes = ByteBuffer.allocate(size * Short.BYTES);
        feedback.encode(values, 0, size, codes);
        Bfloat16.widen(codes.flip(), values.slice(0, size));
    }

    @Override
    public void allGather(Floats floats, Partition partition) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkPartition(this, vector, partition);
        group.run(rank, LocalGroup.Call.of(Operation.ALL_GATHER, vector), () -> {
            for (int other = 0; other < worldSize(); other++) {
                if (other != rank) {
                    long begin = partition.begin(other);
                    vector.set(group.vector(other).range(begin, partition.end(other)), begin);
                }
            }
        });
    }

    @Override
    public double[] allReduce(double... values) throws IOException {
        SoloCollective.checkValues(values);
        double[] sums = new double[values.length];
        group.run(rank, LocalGroup.Call.of(values.clone()), () -> {
            for (int other = 0; other < worldSize(); other++) {
                for (int k = 0; k < sums.length; k++) {
                    sums[k] += group.values(other)[k];
                }
            }
        });
        return sums;
    }

    @Override
    public void broadcast(Floats floats, int root) throws IOException {
        FloatVector vector = FloatVector.onHost(floats);
        SoloCollective.checkRoot(this, root);
        group.run(rank, new LocalGroup.Call(Operation.BROADCAST, vector, new double[0], root, null), () -> {
            if (rank != root) {
                vector.set(group.vector(root), 0);
            }
        });
    }

    @Override
    public void barrier() throws IOException {
        group.run(rank, LocalGroup.Call.of(Operation.BARRIER, FloatVector.allocate(0)), () -> {});
    }

    @Override
    public void at(String where) {
        group.at(rank, where);
    }

    @Override
    public void check() throws IOException {
        group.check(rank);
    }

    @Override
    public void abort(Throwable cause) {
        group.abort(rank, cause);
    }

    @Override
    public void close() {
        group.close(rank);
    }
}
