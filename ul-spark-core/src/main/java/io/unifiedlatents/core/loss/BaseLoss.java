package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.model.LatentDenoiser;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * The loss of the base model on frozen clean latents: the ELBO weighted by sigmoid(b − λ), which favours structure that
 * is visible in samples over fine detail of the latent (Unified Latents, Sec. 3.3).
 *
 * @param loss weighted nats, summed over the latent's dimensions, float32 [B]; to be differentiated
 * @param bound {@link DiffusionPrior} of the same prediction: an estimate of the latent's cost under this model, nats
 *     [B]
 */
public record BaseLoss(Value loss, Value bound) {
    private static final String TIME = "time of the base model";

    /**
     * Writes the loss.
     *
     * @param z clean latent, float32 [B, C, h, w]
     * @param schedule λ_z
     * @param bias b, nats
     */
    public static BaseLoss of(Scope s, LatentDenoiser base, Value z, NoiseSchedule schedule, double bias, Draws draws) {
        Value noise = draws.normalLike(z);
        Diffusion weighted = draws.level(schedule, Weighting.sigmoid(1, bias), TIME);
        Diffusion elbo = draws.level(schedule, Weighting.elbo(), TIME); // the same times
        Value predicted = base.apply(s, weighted.noisy(z, noise), weighted.logSnr());
        Value velocity = weighted.velocity(z, noise);
        return new BaseLoss(
                weighted.loss(velocity, predicted),
                elbo.loss(velocity, predicted).add(DiffusionPrior.terminal(z, schedule.logSnr(1))));
    }
}
