package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.DiffusionReconstruction;
import io.unifiedlatents.core.loss.Reconstruction;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Value;

/**
 * A diffusion decoder on frozen latents, which get fresh noise at every use (Unified Latents, Sec. 3.3). The loss
 * factor is 1: no encoder competes for bits.
 */
public final class DecoderObjective {
    private DecoderObjective() {}

    /** The objective of a model; {@code seed} is the run's. */
    public static Objective of(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
        ObjectiveWriter w = new ObjectiveWriter(compute, seed);
        Reconstruction reconstruction = new DiffusionReconstruction(
                model.decoder(), model.pixelSchedule(), config.decoderWeighting(), config.bias());
        Value x = Layers.pixels(w.pixels(model.config().sample())); // [B, 3, H, W]
        Value z = w.latents(model.config().latent()); // [B, C, h, w]
        w.seed();
        Value z0 = model.latentNoise().noisy(z, w.normalLike(z));
        Value lx = reconstruction.loss(w.scope("decoder"), x, z0, 1, w); // [B]
        w.term("loss", lx.mul(Bits.perPixel(model.config().sample())));
        return w.finish();
    }
}
