package io.unifiedlatents.core.config;

import java.util.List;

/**
 * The diffusion decoder: a U-ViT with convolutions outside, a transformer inside, one skip per resolution.
 *
 * @param patch pixels folded along each side before the first convolution
 * @param channels of each convolution level; after each level the grid is halved, the last halving ends on the latent
 *     grid
 * @param blocks residual blocks of each level, on the way down and again on the way up
 * @param middleWidth channels of a token of the middle transformer
 * @param middleBlocks transformer blocks
 * @param heads attention heads; divides middleWidth
 * @param dropout probability inside the middle transformer
 */
public record DecoderConfig(
        @Within("[1, ∞)") int patch,
        @Within("[1, ∞)") List<Integer> channels,
        @Within("[1, ∞)") List<Integer> blocks,
        @Within("[1, ∞)") int middleWidth,
        @Within("[0, ∞)") int middleBlocks,
        @Within("[1, ∞)") int heads,
        @Within("[0, 1)") double dropout) {
    /** Checks that the parts fit. */
    public DecoderConfig {
        Check.setting(
                !channels.isEmpty() && channels.size() == blocks.size(),
                "channels %s and blocks %s must have one number for each level",
                channels,
                blocks);
        Check.setting(middleWidth % heads == 0, "middleWidth=%d must be a multiple of heads=%d", middleWidth, heads);
    }

    /** Pixels along a side of one position of the middle transformer. */
    public int downsampling() {
        return patch << channels.size();
    }
}
