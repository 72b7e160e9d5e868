package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.DiffusionPrior;
import io.unifiedlatents.core.loss.DiffusionReconstruction;
import io.unifiedlatents.core.loss.LatentPrior;
import io.unifiedlatents.core.loss.Reconstruction;
import io.unifiedlatents.core.model.LatentNoise;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Value;

/** Encoder, prior and decoder trained jointly by the bound (Unified Latents, Algorithm 1). */
public final class LatentsObjective {
    private LatentsObjective() {}

    /** The objective of a model; {@code seed} is the run's. */
    public static Objective of(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
        return write(
                model,
                new DiffusionPrior(model.prior(), model.latentSchedule()),
                model.latentNoise(),
                new DiffusionReconstruction(
                        model.decoder(), model.pixelSchedule(), config.decoderWeighting(), config.bias()),
                config,
                new ObjectiveWriter(compute, seed));
    }

    static Objective write(
            UnifiedLatents model,
            LatentPrior prior,
            LatentNoise latentNoise,
            Reconstruction reconstruction,
            ObjectiveConfig config,
            ObjectiveWriter w) {
        int warmup = config.priorGradientWarmupSteps();
        Value x = Layers.pixels(w.pixels(model.config().sample())); // [B, 3, H, W]
        Value pull = w.scalar("priorGradient", step -> warmup == 0 ? 1 : Math.min(1, (double) step / warmup));
        w.seed();
        Value z = model.encoder().apply(w.scope("encoder"), x); // [B, C, h, w]
        w.boundary();
        Value lz = prior.nats(w.scope("prior"), scaledGradient(z, pull), w); // [B]
        w.boundary();
        Value z0 = latentNoise.noisy(z, w.normalLike(z));
        Value lx = reconstruction.loss(w.scope("decoder"), x, z0, config.lossFactor(), w); // [B]

        double bits = Bits.perPixel(model.config().sample());
        w.term("loss", lz.add(lx).mul(bits));
        w.term("bitsPerPixel", lz.mul(bits));
        w.term("decoderLoss", lx.mul(bits));
        w.term("latentPower", z.square().sumPerSample().mul(1.0 / z.elements()));
        return w.finish();
    }

    /** The same value, whose gradient is multiplied by a factor on its way back. */
    private static Value scaledGradient(Value z, Value factor) {
        Value fixed = z.detach();
        return fixed.add(z.sub(fixed).mul(factor));
    }
}
