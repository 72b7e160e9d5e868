package io.unifiedlatents.core.data;

/**
 * One row of an image shard.
 *
 * @param id stable name of the sample, see {@link Hashes#sampleId}
 * @param image encoded picture, PNG or JPEG; owned by the row, not copied
 * @param label index into the classes of the manifest
 * @param className name of the class
 * @param width width of the encoded picture in pixels
 * @param height height of the encoded picture in pixels
 * @param source path of the input relative to the prepared directory
 * @param sha256 digest of {@code image}, 64 hex digits
 */
public record ImageRow(
        String id, byte[] image, int label, String className, int width, int height, String source, String sha256) {}
