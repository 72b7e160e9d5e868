package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.collective.Collective;
import java.io.Serializable;

/** What every rank of a barrier stage runs. Sent to executors: plain fields only. */
interface RankTask extends Serializable {
    /** Runs on one rank; the collective connects all of them and is closed afterwards. */
    void run(Collective collective) throws Exception;
}
