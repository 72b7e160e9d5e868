package io.unifiedlatents.core.data;

/**
 * The columns of an image shard that training reads.
 *
 * @param id stable name of the sample
 * @param image encoded picture, PNG or JPEG; owned by the sample, not copied
 * @param label index into the classes of the manifest
 */
public record ImageSample(String id, byte[] image, int label) {}
