package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.collective.PeerLostException;
import java.io.Serializable;
import java.util.Locale;

/**
 * A failure of a rank.
 *
 * @param at the last heartbeat before it
 * @param cause class of the failure, which decides what follows
 * @param consequence whether it only stopped because the attempt had ended elsewhere
 * @param lostPeer rank that it lost, −1 for none
 * @param message what happened, with value, limit and way out
 */
public record RankFailure(Heartbeat at, Cause cause, boolean consequence, int lostPeer, String message)
        implements Serializable {
    /** The failure that an exception on the rank itself means. */
    static RankFailure of(Heartbeat at, Throwable thrown) {
        int lost = -1;
        for (Throwable t = thrown; t != null && lost < 0; t = t.getCause()) {
            lost = t instanceof PeerLostException peer ? peer.peerRank() : -1;
        }
        return new RankFailure(
                at, Cause.of(thrown), Cause.isConsequence(thrown), lost, String.valueOf(thrown.getMessage()));
    }

    /** A failure that the driver found. */
    static RankFailure found(Heartbeat at, Cause cause, String message) {
        return new RankFailure(at, cause, false, -1, message);
    }

    /** The line for log and console. */
    String line() {
        return String.format(
                "%s failed (%s) after step %d, in %s: %s",
                at.rank(), cause.name().toLowerCase(Locale.ROOT), at.step(), at.phase(), message);
    }
}
