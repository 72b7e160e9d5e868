package io.unifiedlatents.core.spark.ranks;

/** A rank that stopped with an error, which is the cause. */
public final class RankFailedException extends RuntimeException {
    /** Creates one that names the rank. */
    RankFailedException(int rank, Throwable cause) {
        super("rank " + rank + " failed: " + cause.getMessage(), cause);
    }
}
