package io.unifiedlatents.core.config;

import java.util.List;

/**
 * The base model: a transformer over the latent grid in levels, with one skip a level.
 *
 * @param widths channels of a token of each level; from one level to the next, 2 x 2 tokens become one
 * @param blocks transformer blocks of each level: of the last once, of the others on the way down and again up
 * @param heads attention heads of each level; divide widths
 * @param dropout probability inside all blocks
 * @param condition what it is conditioned on
 */
public record BaseConfig(
        @Within("[1, ∞)") List<Integer> widths,
        @Within("[1, ∞)") List<Integer> blocks,
        @Within("[1, ∞)") List<Integer> heads,
        @Within("[0, 1)") double dropout,
        ConditionConfig condition) {
    /** Checks that the parts fit. */
    public BaseConfig {
        Check.setting(
                !widths.isEmpty() && widths.size() == blocks.size() && widths.size() == heads.size(),
                "widths %s, blocks %s and heads %s must have one number for each level",
                widths,
                blocks,
                heads);
        for (int level = 0; level < widths.size(); level++) {
            Check.setting(
                    widths.get(level) % heads.get(level) == 0,
                    "widths %s must be multiples of heads %s, level by level",
                    widths,
                    heads);
        }
    }

    /** Latent positions along a side of one token of the last level. */
    public int downsampling() {
        return 1 << (widths.size() - 1);
    }
}
