package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.telemetry.MemoryUse;
import io.unifiedlatents.core.train.StateBytes;
import java.io.Serializable;
import java.util.Locale;

/**
 * Memory of a rank and of the process it runs in, as it tells the driver before training and with every report.
 *
 * @param rank 0 to {@code worldSize} − 1
 * @param worldSize of its attempt
 * @param host its machine
 * @param step steps done; −1 before its state is made
 * @param use of the process
 * @param state of the rank
 */
public record RankMemory(int rank, int worldSize, String host, long step, MemoryUse use, StateBytes state)
        implements Serializable {
    /** For people, at the start. */
    public String line() {
        return String.format(
                "rank %d on %s: %s resident (%s of heap), and %s to come: parameters %s, gradient %s, moments %s,"
                        + " average %s",
                rank,
                host,
                use.residentBytes() < 0 ? "unknown" : mib(use.residentBytes()),
                mib(use.heapBytes()),
                mib(state.total()),
                mib(state.parameters()),
                mib(state.gradient()),
                mib(state.moments()),
                mib(state.average()));
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1 << 20));
    }
}
