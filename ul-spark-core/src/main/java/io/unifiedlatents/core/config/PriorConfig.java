package io.unifiedlatents.core.config;

/**
 * The prior: a single-level transformer over the latent grid, one token a position.
 *
 * @param width channels of a token
 * @param blocks transformer blocks
 * @param heads attention heads; divides width
 */
public record PriorConfig(int width, int blocks, int heads) {
    /** Checks that the parts fit. */
    public PriorConfig {
        Check.setting(width >= 1 && blocks >= 1, "width=%d and blocks=%d must be positive", width, blocks);
        Check.setting(heads >= 1 && width % heads == 0, "width=%d must be a multiple of heads=%d", width, heads);
    }
}
