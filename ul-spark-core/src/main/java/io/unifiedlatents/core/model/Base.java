package io.unifiedlatents.core.model;

import io.unifiedlatents.core.config.BaseConfig;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.nn.TransformerBlock;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Base model, the diffusion model that samples are drawn from: a vision transformer over the latent grid in two levels
 * or more (Unified Latents, Sec. 5.1). Between levels, 2×2 tokens (2 along each axis) are merged into one on the way
 * down and split again on the way up; the skip of a level adds the change that the coarser levels made. The output
 * starts at zero, as that of {@link Prior}.
 *
 * @param config sizes
 * @param conditions taken besides the noise level, none or more
 */
public record Base(BaseConfig config, List<Condition> conditions) {
    /** Tokens that become one from a level to the next, 2 × 2 of a frame. */
    private static final long MERGED = 4;

    /** The network with a value for each condition, in their order. */
    public LatentDenoiser of(List<Value> given) {
        return (s, noisy, logSnr) -> write(s, noisy, logSnr, given);
    }

    private Value write(Scope s, Value noisy, Value logSnr, List<Value> given) {
        int last = config.widths().size() - 1;
        long[] grid = noisy.spatial();
        Check.setting(
                Arrays.stream(grid).skip(grid.length - 2L).allMatch(extent -> extent % config.downsampling() == 0),
                "base.widths %s: height and width of the latent, of %s, must be multiples of %d; use fewer levels",
                config.widths(),
                Arrays.toString(grid),
                config.downsampling());
        Value condition =
                Layers.logSnrEmbedding(s.at("logSnr"), logSnr, config.widths().get(last));
        for (int i = 0; i < conditions.size(); i++) {
            condition = condition.add(conditions.get(i).embed(s, given.get(i), condition.extent(1)));
        }
        Value x = Layers.linear(s.at("in"), Layers.tokens(noisy).to(s.graph().compute()), width(0)); // [B, h·w, width]
        x = Layers.positioned(s, x);
        Deque<Value> before = new ArrayDeque<>();
        Deque<Value> after = new ArrayDeque<>();
        for (int level = 0; level < last; level++) {
            x = blocks(s.at("down").at(level), x, level, condition);
            before.push(x);
            Value merged =
                    Functions.pixelUnshuffle(s, Layers.grid(x, scaled(grid, level)), Layers.withinFrames(noisy, 2));
            x = Layers.linear(s.at("merge").at(level), Layers.tokens(merged), width(level + 1));
            after.push(x);
            s.graph().boundary();
        }
        x = blocks(s.at("middle"), x, last, condition);
        for (int level = last - 1; level >= 0; level--) {
            s.graph().boundary();
            Value split = Layers.linear(s.at("split").at(level), x.sub(after.pop()), MERGED * width(level));
            Value change = Layers.tokens(Functions.pixelShuffle(
                    s, Layers.grid(split, scaled(grid, level + 1)), Layers.withinFrames(noisy, 2)));
            x = blocks(s.at("up").at(level), change.add(before.pop()), level, condition);
        }
        x = Layers.layerNorm(s.at("norm"), x);
        x = Layers.linear(s.at("out"), x, noisy.extent(1), Initializer.ZEROS).to(DType.FLOAT32);
        return Layers.grid(x, grid); // [B, C, h, w]
    }

    /** Extents at a level, where height and width are halved {@code level} times. */
    private static long[] scaled(long[] grid, int level) {
        long[] scaled = grid.clone();
        for (int axis = grid.length - 2; axis < grid.length; axis++) {
            scaled[axis] >>= level;
        }
        return scaled;
    }

    private int width(int level) {
        return config.widths().get(level);
    }

    private Value blocks(Scope s, Value x, int level, Value condition) {
        return TransformerBlock.repeated(
                config.blocks().get(level), s, x, config.heads().get(level), condition, config.dropout());
    }
}
