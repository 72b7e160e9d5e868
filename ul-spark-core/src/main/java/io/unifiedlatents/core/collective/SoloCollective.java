package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The collective of a run with one rank: every vector already holds the sum, wherever it lies. */
public final class SoloCollective implements Collective {
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    private volatile String where = "start";

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int worldSize() {
        return 1;
    }

    @Override
    public void reduceScatter(Floats vector, Partition partition) throws IOException {
        checkPartition(this, vector, partition);
        check();
    }

    @Override
    public void reduceScatter(Floats vector, Partition partition, ErrorFeedback feedback) throws IOException {
        feedback.checkFits(vector);
        reduceScatter(vector, partition); // nothing travels, so nothing is lost
    }

    @Override
    public void allGather(Floats vector, Partition partition) throws IOException {
        checkPartition(this, vector, partition);
        check();
    }

    @Override
    public double[] allReduce(double... values) throws IOException {
        checkValues(values);
        check();
        return values.clone();
    }

    @Override
    public void broadcast(Floats vector, int root) throws IOException {
        checkRoot(this, root);
        check();
    }

    @Override
    public void barrier() throws IOException {
        check();
    }

    @Override
    public void at(String label) {
        where = label;
    }

    @Override
    public void abort(Throwable cause) {
        failure.compareAndSet(null, new IOException("collective aborted at " + where + ": " + cause, cause));
    }

    @Override
    public void close() {
        failure.compareAndSet(null, new IOException("collective is closed"));
    }

    @Override
    public void check() throws IOException {
        IOException first = failure.get();
        if (first != null) {
            throw new IOException(first.getMessage(), first);
        }
    }

    public static void checkPartition(Collective collective, Floats vector, Partition partition) {
        Check.argument(
                partition.worldSize() == collective.worldSize() && partition.size() == vector.size(),
                "%s does not fit a vector of %s floats on %s ranks",
                partition,
                vector.size(),
                collective.worldSize());
    }

    public static void checkValues(double[] values) {
        Check.argument(
                values.length <= MAX_VALUES,
                "%s values are more than an all-reduce takes, %s",
                values.length,
                MAX_VALUES);
    }

    public static void checkRoot(Collective collective, int root) {
        Check.argument(
                0 <= root && root < collective.worldSize(),
                "root=%s outside worldSize=%s",
                root,
                collective.worldSize());
    }
}
