package io.unifiedlatents.core.data;

/**
 * The columns of an image or clip shard that training reads.
 *
 * @param id stable name of the sample
 * @param image the picture, or the frames of the clip, in the {@link Encoding} of the data set; owned by the sample,
 *     not copied
 * @param label index into the classes of the manifest
 */
public record ImageSample(String id, byte[] image, int label) {}
