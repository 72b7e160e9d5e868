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
 * @param dropout probability inside the middle transformer, in [0, 1)
 */
public record DecoderConfig(
        int patch,
        List<Integer> channels,
        List<Integer> blocks,
        int middleWidth,
        int middleBlocks,
        int heads,
        double dropout) {
    /** Checks that the parts fit. */
    public DecoderConfig {
        Check.setting(patch >= 1, "patch is %d; it must be at least 1", patch);
        Check.setting(
                !channels.isEmpty() && channels.size() == blocks.size(),
                "channels %s and blocks %s must have one number for each level",
                channels,
                blocks);
        Check.setting(
                heads >= 1 && middleWidth % heads == 0,
                "middleWidth=%d must be a multiple of heads=%d",
                middleWidth,
                heads);
        Check.setting(dropout >= 0 && dropout < 1, "dropout is %s; it must be in [0, 1)", dropout);
    }

    /** Pixels along a side of one position of the middle transformer. */
    public int downsampling() {
        return patch << channels.size();
    }
}
