package io.unifiedlatents.core.collective;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A peer that died, fell silent or left the common order of operations; a new attempt of the stage can help. */
public final class PeerLostException extends IOException {
    private final int peerRank;

    /**
     * Creates the failure of an operation.
     *
     * @param peerRank rank of the peer
     * @param address its host and port
     * @param operation the collective operation under way
     * @param where the label of {@link Collective#at}, such as the training step
     * @param reason what happened, with limit and way out
     * @param cause the failure below, if there is one
     */
    public PeerLostException(
            int peerRank, String address, String operation, String where, String reason, @Nullable Throwable cause) {
        super("lost rank " + peerRank + " (" + address + ") in " + operation + " at " + where + ": " + reason, cause);
        this.peerRank = peerRank;
    }

    /** Rank of the lost peer. */
    public int peerRank() {
        return peerRank;
    }
}
