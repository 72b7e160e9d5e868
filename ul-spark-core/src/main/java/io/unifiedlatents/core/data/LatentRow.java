package io.unifiedlatents.core.data;

/**
 * One row of a latent shard.
 *
 * @param id the id of the picture this is the latent of
 * @param label index into the classes of the manifest
 * @param latent clean latent, float32 [C, h, w], or [C, t, h, w] of a clip; owned by the row, not copied
 */
public record LatentRow(String id, int label, float[] latent) {}
