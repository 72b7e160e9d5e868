package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.train.Pulse;
import java.io.Serializable;

/** What every rank of a barrier stage runs. Sent to executors: plain fields only. */
public interface RankTask extends Serializable {
    /**
     * Runs on one rank.
     *
     * @param collective connects all ranks; closed afterwards
     * @param pulse what the driver sees of this rank
     * @return steps done, the same on every rank
     */
    long run(Collective collective, Pulse pulse) throws Exception;
}
