package io.unifiedlatents.core.config;

import java.util.List;

/**
 * The encoder: p×p pixels folded into channels, then a residual network that halves the grid between stages.
 *
 * @param patch pixels folded along each side
 * @param channels of each stage; between two stages the grid is halved
 * @param blocks residual blocks of each stage
 * @param latentChannels channels of the latent
 */
public record EncoderConfig(
        @Within("[1, ∞)") int patch,
        @Within("[1, ∞)") List<Integer> channels,
        @Within("[1, ∞)") List<Integer> blocks,
        @Within("[1, ∞)") int latentChannels) {
    /** Checks that the parts fit. */
    public EncoderConfig {
        Check.setting(
                !channels.isEmpty() && channels.size() == blocks.size(),
                "channels %s and blocks %s must have one number for each stage",
                channels,
                blocks);
    }

    /** Pixels along a side of one latent position. */
    public int downsampling() {
        return patch << (channels.size() - 1);
    }
}
