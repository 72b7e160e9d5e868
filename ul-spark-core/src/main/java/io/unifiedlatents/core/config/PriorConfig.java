package io.unifiedlatents.core.config;

/**
 * The prior: a single-level transformer over the latent grid, one token a position.
 *
 * @param width channels of a token
 * @param blocks transformer blocks
 * @param heads attention heads; divides width
 */
public record PriorConfig(
        @Within("[1, ∞)") int width,
        @Within("[1, ∞)") int blocks,
        @Within("[1, ∞)") int heads) {
    /** Checks that the parts fit. */
    public PriorConfig {
        Check.setting(width % heads == 0, "width=%d must be a multiple of heads=%d", width, heads);
    }
}
