package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.ClipTiming;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The position and metadata of a sample in the work file of its part.
 *
 * @param window number within its input
 * @param offset of its bytes in the file
 * @param length of its bytes
 * @param sha256 digest of its bytes
 * @param width pixels of the picture, or of each frame
 * @param height likewise
 * @param timing of a clip; null for a picture
 */
record StoredSample(
        int window,
        long offset,
        int length,
        String sha256,
        int width,
        int height,
        @Nullable ClipTiming timing) implements Serializable {}
