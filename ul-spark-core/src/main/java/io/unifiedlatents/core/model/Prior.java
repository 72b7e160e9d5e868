package io.unifiedlatents.core.model;

import io.unifiedlatents.core.config.PriorConfig;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.nn.TransformerBlock;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * Diffusion prior over latents: a single-level vision transformer, one token a position, no patching (Unified Latents,
 * Sec. 5.1). Predicts v; its output starts at zero, which is the exact answer for a unit Gaussian latent.
 *
 * @param config sizes
 */
public record Prior(PriorConfig config) implements LatentDenoiser {
    @Override
    public Value apply(Scope s, Value noisy, Value logSnr) {
        int width = config.width();
        Value condition = Layers.logSnrEmbedding(s.at("logSnr"), logSnr, width);
        Value x = Layers.linear(s.at("in"), Layers.tokens(noisy).to(s.graph().compute()), width); // [B, h·w, width]
        x = Layers.positioned(s, x);
        x = TransformerBlock.repeated(config.blocks(), s.at("block"), x, config.heads(), condition, 0);
        x = Layers.layerNorm(s.at("norm"), x);
        x = Layers.linear(s.at("out"), x, noisy.extent(1), Initializer.ZEROS).to(DType.FLOAT32);
        return Layers.grid(x, noisy.spatial()); // [B, C, h, w]
    }
}
