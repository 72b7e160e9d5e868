package io.unifiedlatents.core.data;

/**
 * One row of a clip shard.
 *
 * @param stack what a clip has in common with a picture: {@code image} holds the frames, one below the other in PNG or
 *     one after the other in raw bytes; {@code width} and {@code height} are those of one frame
 * @param timing which frames of the source they are
 */
public record ClipRow(ImageRow stack, ClipTiming timing) {}
