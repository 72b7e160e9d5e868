package io.unifiedlatents.core.data;

/**
 * One row of a latent shard.
 *
 * @param id the id of the picture this is the latent of
 * @param label index into the classes of the manifest
 * @param latent clean latent, C·h·w values in that order; owned by the row, not copied
 */
public record LatentRow(String id, int label, float[] latent) {}
