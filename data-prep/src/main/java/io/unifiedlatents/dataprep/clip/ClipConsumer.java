package io.unifiedlatents.dataprep.clip;

import java.io.IOException;

/** Takes clips one by one. */
@FunctionalInterface
public interface ClipConsumer {
    /** Takes a clip, which is the consumer's from now on. */
    void accept(Clip clip) throws IOException;
}
