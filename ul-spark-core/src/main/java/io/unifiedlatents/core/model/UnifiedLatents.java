package io.unifiedlatents.core.model;

import io.unifiedlatents.core.config.ComputeConfig;
import io.unifiedlatents.core.config.NetworksConfig;
import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.schedule.CosineSchedule;
import io.unifiedlatents.core.schedule.NoiseSchedule;

/**
 * The networks and their noise schedules. Encoder, prior and decoder are trained jointly, the base model on latents of
 * the trained encoder.
 *
 * @param config sizes
 * @param encoder pixels → clean latent z
 * @param prior denoises z_t
 * @param decoder denoises pixels given z0
 * @param base denoises z_t, to sample from
 * @param latentSchedule λ_z: from the fixed noise of the latent, λ_z(0) = 5, down to λ_z(1)
 * @param pixelSchedule λ_x, shifted for the size of the pictures
 */
public record UnifiedLatents(
        NetworksConfig config,
        Encoder encoder,
        Prior prior,
        Decoder decoder,
        Base base,
        NoiseSchedule latentSchedule,
        NoiseSchedule pixelSchedule) {
    /** The model a config describes. */
    public static UnifiedLatents of(NetworksConfig model, ObjectiveConfig objective, ComputeConfig compute) {
        NormKind norm = compute.norm();
        return new UnifiedLatents(
                model,
                new Encoder(model.encoder(), norm),
                new Prior(model.prior()),
                new Decoder(model.decoder(), norm),
                new Base(model.base(), ClassCondition.of(model.base().condition())),
                new CosineSchedule(objective.latentMaxLogSnr(), objective.latentMinLogSnr(), 0),
                CosineSchedule.forPixels(
                        objective.pixelMaxLogSnr(),
                        objective.pixelMinLogSnr(),
                        model.sample().height(),
                        model.sample().width()));
    }

    /** The fixed noise of the latent that the decoder sees, in training and in sampling: z0 = α₀ z + σ₀ ε. */
    public LatentNoise.Fixed latentNoise() {
        return new LatentNoise.Fixed(latentSchedule.at(0));
    }
}
