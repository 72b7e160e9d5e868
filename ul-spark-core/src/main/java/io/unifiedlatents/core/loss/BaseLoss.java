package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.model.LatentDenoiser;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * The loss of the base model on frozen clean latents: the ELBO weighted by sigmoid(b − λ), which spends on what is seen
 * in samples rather than on every bit (Unified Latents, Sec. 3.3).
 *
 * @param loss nats so weighted, summed over the latent's dimensions, float32 [B]; to be differentiated
 * @param bound {@link PriorLoss} of the same prediction: an estimate of the latent's cost under this model, nats [B]
 */
public record BaseLoss(Value loss, Value bound) {
    /**
     * Writes the loss.
     *
     * @param z clean latent, float32 [B, C, h, w]
     * @param noise standard normal, shape of z
     * @param weighted coefficients with the weight sigmoid(b − λ) · (−λ′/2) · α²
     * @param elbo the same noise levels with the weight −λ′/2 · α²
     * @param minLogSnr λ_z(1)
     */
    public static BaseLoss of(
            Scope s, LatentDenoiser base, Value z, Value noise, Diffusion weighted, Diffusion elbo, double minLogSnr) {
        Value predicted = base.apply(s, weighted.noisy(z, noise), weighted.logSnr());
        Value velocity = weighted.velocity(z, noise);
        return new BaseLoss(
                weighted.loss(velocity, predicted),
                elbo.loss(velocity, predicted).add(PriorLoss.terminal(z, minLogSnr)));
    }
}
