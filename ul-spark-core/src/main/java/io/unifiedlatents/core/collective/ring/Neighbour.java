package io.unifiedlatents.core.collective.ring;

import java.io.Closeable;
import org.jspecify.annotations.Nullable;

/**
 * A rank beside this one in the ring, after the handshake.
 *
 * @param link the connection to it
 * @param cipher protects the frames on this link; null where they travel in the clear
 */
record Neighbour(Link link, @Nullable FrameCipher cipher) implements Closeable {
    @Override
    public void close() {
        link.close();
    }
}
