package io.unifiedlatents.core.data;

import org.jspecify.annotations.Nullable;

/**
 * One row of an image shard.
 *
 * @param id stable name of the sample, see {@link Hashes#sampleId}
 * @param image the picture, in the {@link Encoding} of the data set; owned by the row, not copied
 * @param label index into the classes of the manifest
 * @param className name of the class
 * @param caption text that describes the picture; null where there is none
 * @param width width of the picture in pixels
 * @param height height of the picture in pixels
 * @param source path of the input relative to the source directory
 * @param sha256 digest of {@code image}, 64 hex digits
 */
public record ImageRow(
        String id,
        byte[] image,
        int label,
        String className,
        @Nullable String caption,
        int width,
        int height,
        String source,
        String sha256) {}
