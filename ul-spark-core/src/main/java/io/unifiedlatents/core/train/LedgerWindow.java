package io.unifiedlatents.core.train;

import io.unifiedlatents.core.checkpoint.CheckpointWriter;
import io.unifiedlatents.core.data.Ledger;
import java.util.ArrayList;
import java.util.List;

/** Digests of the steps since the last checkpoint. */
final class LedgerWindow {
    private final Ledger ledger;
    private final Ledger.Recipe recipe;
    private long from;
    private List<Long> digests = new ArrayList<>();

    LedgerWindow(Ledger ledger, Ledger.Recipe recipe, long firstStep) {
        this.ledger = ledger;
        this.recipe = recipe;
        this.from = firstStep;
    }

    void add(long sampleDigest) {
        digests.add(sampleDigest);
    }

    /** Ends the window; what is to be published with the checkpoint taken now. */
    CheckpointWriter.Publication close() {
        long first = from;
        List<Long> steps = digests;
        from += steps.size();
        digests = new ArrayList<>();
        return () -> ledger.publish(recipe, first, steps);
    }
}
