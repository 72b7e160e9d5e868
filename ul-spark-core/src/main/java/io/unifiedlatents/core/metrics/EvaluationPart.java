package io.unifiedlatents.core.metrics;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one shard gives to an evaluation.
 *
 * @param shard its index; parts are merged in this order
 * @param images figures of each picture, in row order
 * @param original features of the originals, where there is a detector
 * @param reconstructed features of the reconstructions
 * @param shown first pictures of the shard for the grid
 */
public record EvaluationPart(
        int shard,
        List<ImageFigures> images,
        @Nullable FeatureStats original,
        @Nullable FeatureStats reconstructed,
        List<Pair> shown)
        implements Serializable {

    /**
     * Figures of one picture.
     *
     * @param id of the picture
     * @param psnr decibels
     * @param bitsPerPixel Monte Carlo estimate of the prior's bound
     */
    public record ImageFigures(String id, double psnr, double bitsPerPixel) implements Serializable {}

    /**
     * A picture and its reconstruction, uint8 RGB, row by row.
     *
     * @param original as stored
     * @param reconstruction as decoded from its latent
     */
    public record Pair(byte[] original, byte[] reconstruction) implements Serializable {}
}
