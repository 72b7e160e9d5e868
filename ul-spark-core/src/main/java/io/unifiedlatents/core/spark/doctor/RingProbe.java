package io.unifiedlatents.core.spark.doctor;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.spark.ranks.RankTask;
import io.unifiedlatents.core.train.Pulse;

/** Has all ranks add up their numbers over the ring that gradients travel. */
record RingProbe() implements RankTask {
    @Override
    public long run(Collective collective, Pulse pulse) throws Exception {
        int ranks = collective.worldSize();
        double sum = collective.allReduce(collective.rank() + 1.0)[0];
        double expected = ranks * (ranks + 1) / 2.0;
        if (sum != expected) {
            throw new IllegalStateException(
                    "the ranks' numbers 1 to %d add up to %s, not %s".formatted(ranks, sum, expected));
        }
        collective.barrier();
        return 0;
    }
}
