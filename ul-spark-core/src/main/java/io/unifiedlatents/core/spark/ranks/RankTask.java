package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.train.Pulse;
import java.io.Serializable;

/** The work of every rank of a barrier stage. Sent to executors: plain fields only. */
public interface RankTask extends Serializable {
    /**
     * Runs on one rank.
     *
     * @param collective connects all ranks; closed afterwards
     * @param pulse carries step and phase to the driver, and requests to stop from it
     * @return steps done, the same on every rank
     */
    long run(Collective collective, Pulse pulse) throws Exception;
}
