package io.unifiedlatents.dataprep;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What became of an input.
 *
 * @param input the file
 * @param reason why it is skipped; null where it is kept
 * @param width of the picture in pixels, 0 where skipped
 * @param height of the picture in pixels, 0 where skipped
 * @param millis time spent reading and decoding
 */
record Status(Input input, @Nullable String reason, int width, int height, long millis) implements Serializable {
    boolean kept() {
        return reason == null;
    }
}
