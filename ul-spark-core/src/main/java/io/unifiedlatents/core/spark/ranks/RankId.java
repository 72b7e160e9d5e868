package io.unifiedlatents.core.spark.ranks;

import java.io.Serializable;

/**
 * One rank of one attempt.
 *
 * @param attempt name of the attempt, different for each
 * @param rank −1 where no rank is meant
 * @param host its machine
 * @param executor Spark's name of its process
 * @param device it computes on, such as {@code cpu} or {@code gpu 0}
 */
record RankId(String attempt, int rank, String host, String executor, String device) implements Serializable {
    /** Stands for the driver, where no rank is meant. */
    static final RankId NONE = new RankId("", -1, "", "", "");

    @Override
    public String toString() {
        return rank < 0
                ? "the driver"
                : "rank " + rank + " on " + host + " (executor " + executor + ", " + device + ")";
    }
}
