package io.unifiedlatents.core.model;

import io.unifiedlatents.core.config.EncoderConfig;
import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.nn.ResBlock;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * Pixels to clean latents: a residual convolution network (Unified Latents, Sec. 5.1). Its output is the mean of the
 * latent; there is no variance head, the noise of z0 is fixed.
 *
 * @param config sizes
 * @param norm of its blocks
 */
public record Encoder(EncoderConfig config, NormKind norm) {
    /**
     * Writes the network.
     *
     * @param pixels float32 [B, 3, H, W] in [−1, 1]
     * @return z, float32 [B, C, h, w] with h = H / {@link EncoderConfig#downsampling}, w likewise
     */
    public Value apply(Scope s, Value pixels) {
        Value x = pixels.to(s.graph().compute());
        x = Functions.channelsLast(s, Functions.pixelUnshuffle(s, x, Layers.withinFrames(x, config.patch())));
        x = Layers.conv(s.at("in"), x, config.channels().get(0), 3);
        for (int stage = 0; stage < config.channels().size(); stage++) {
            Scope here = s.at("stage").at(stage);
            int channels = config.channels().get(stage);
            if (stage > 0) {
                x = Layers.conv(here.at("down"), Functions.downsample(here, x, Layers.withinFrames(x, 2)), channels, 1);
            }
            for (int block = 0; block < config.blocks().get(stage); block++) {
                x = ResBlock.apply(here.at(block), x, channels, norm, null);
            }
        }
        x = Layers.norm(s.at("norm"), x, norm).silu();
        return Layers.conv(s.at("out"), x, config.latentChannels(), 3).to(DType.FLOAT32);
    }
}
