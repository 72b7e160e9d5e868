package io.unifiedlatents.core.config;

import java.util.List;

/**
 * The base model: a transformer over the latent grid in levels, with one skip a level.
 *
 * @param widths channels of a token of each level; from one level to the next, 2 x 2 tokens become one
 * @param blocks transformer blocks of each level: of the last once, of the others on the way down and again up
 * @param heads attention heads of each level; divide widths
 * @param dropout probability inside all blocks, in [0, 1)
 * @param classes classes that it is told of, as many as the data set has; 0: it is told none
 * @param classDropout share of the samples in training whose class it is not told, for bits and guidance, which are
 *     without a class; in [0, 1), above 0 where there are classes
 */
public record BaseConfig(
        List<Integer> widths,
        List<Integer> blocks,
        List<Integer> heads,
        double dropout,
        int classes,
        double classDropout) {
    /** Checks that the parts fit. */
    public BaseConfig {
        Check.setting(
                !widths.isEmpty() && widths.size() == blocks.size() && widths.size() == heads.size(),
                "base.widths %s, base.blocks %s and base.heads %s must have one number for each level",
                widths,
                blocks,
                heads);
        for (int level = 0; level < widths.size(); level++) {
            Check.setting(
                    blocks.get(level) >= 1 && heads.get(level) >= 1 && widths.get(level) >= 1,
                    "base: widths %s, blocks %s and heads %s must be positive",
                    widths,
                    blocks,
                    heads);
            Check.setting(
                    widths.get(level) % heads.get(level) == 0,
                    "base.widths %s must be multiples of base.heads %s, level by level",
                    widths,
                    heads);
        }
        Check.setting(dropout >= 0 && dropout < 1, "base.dropout is %s; it must be in [0, 1)", dropout);
        Check.setting(classes >= 0, "base.classes is %d; it must be 0 (none) or more", classes);
        Check.setting(
                classDropout >= 0 && classDropout < 1 && (classes == 0 || classDropout > 0),
                "base.classDropout is %s; it must be in [0, 1), and above 0 where base.classes is: bits are measured and"
                        + " guidance is given without a class, too",
                classDropout);
    }

    /** Latent positions along a side of one token of the last level. */
    public int downsampling() {
        return 1 << (widths.size() - 1);
    }
}
