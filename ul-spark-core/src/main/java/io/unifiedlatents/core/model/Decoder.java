package io.unifiedlatents.core.model;

import io.unifiedlatents.core.config.DecoderConfig;
import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.nn.ResBlock;
import io.unifiedlatents.core.nn.TransformerBlock;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Diffusion decoder: a residual U-ViT as in SiD2 (arXiv 2410.19324), convolutions on fine grids and a transformer on
 * the latent grid, where the noisy latent z0 is added. The one skip of a resolution adds the change that the coarser
 * level made, h = up(h − h_down) + h_before. The network predicts v.
 *
 * @param config sizes
 * @param norm of its convolution blocks
 */
public record Decoder(DecoderConfig config, NormKind norm) {
    /**
     * Writes the network.
     *
     * @param noisy x_t, float32 [B, 3, H, W]
     * @param z0 noisy latent, float32 [B, C, h, w]
     * @param logSnr λ of each sample's pixels, float32 [B]
     * @return v̂, float32 [B, 3, H, W]
     */
    public Value apply(Scope s, Value noisy, Value z0, Value logSnr) {
        DType compute = s.graph().compute();
        int levels = config.channels().size();
        Value condition = Layers.logSnrEmbedding(s.at("logSnr"), logSnr, config.middleWidth());
        Value x = Functions.channelsLast(
                s, Functions.pixelUnshuffle(s, noisy.to(compute), Layers.withinFrames(noisy, config.patch())));
        long folded = x.extent(1);
        x = Layers.conv(s.at("in"), x, config.channels().get(0), 3);
        Deque<Value> before = new ArrayDeque<>();
        Deque<Value> after = new ArrayDeque<>();
        for (int level = 0; level < levels; level++) {
            x = blocks(s.at("down").at(level), x, level, condition);
            before.push(x);
            x = down(s.at("down").at(level).at("half"), x, level);
            after.push(x);
        }
        s.graph().boundary();
        x = middle(s.at("middle"), x, z0.to(compute), condition);
        s.graph().boundary();
        for (int level = levels - 1; level >= 0; level--) {
            Value change = up(s.at("up").at(level).at("double"), x.sub(after.pop()), level);
            x = blocks(s.at("up").at(level), change.add(before.pop()), level, condition);
        }
        x = Layers.norm(s.at("norm"), x, norm).silu();
        x = Layers.conv(s.at("out"), x, folded, 3, Initializer.ZEROS).to(DType.FLOAT32);
        return Functions.pixelShuffle(s, x, Layers.withinFrames(x, config.patch()));
    }

    private Value blocks(Scope s, Value x, int level, Value condition) {
        for (int block = 0; block < config.blocks().get(level); block++) {
            x = ResBlock.apply(s.at(block), x, config.channels().get(level), norm, condition);
        }
        return x;
    }

    /** Halves the grid and changes to the channels of the level below. */
    private Value down(Scope s, Value x, int level) {
        boolean last = level == config.channels().size() - 1;
        int below = last ? config.middleWidth() : config.channels().get(level + 1);
        return Layers.conv(s, Functions.downsample(s, x, Layers.withinFrames(x, 2)), below, 1);
    }

    /** Changes back to the channels of the level and doubles the grid. */
    private Value up(Scope s, Value x, int level) {
        return Functions.upsample(s, Layers.conv(s, x, config.channels().get(level), 1), Layers.withinFrames(x, 2));
    }

    private Value middle(Scope s, Value x, Value z0, Value condition) {
        Value tokens = Layers.tokens(x).add(Layers.linear(s.at("latent"), Layers.tokens(z0), config.middleWidth()));
        tokens = Layers.positioned(s, tokens);
        tokens = TransformerBlock.repeated(
                config.middleBlocks(), s.at("block"), tokens, config.heads(), condition, config.dropout());
        return Layers.grid(tokens, x.spatial());
    }
}
