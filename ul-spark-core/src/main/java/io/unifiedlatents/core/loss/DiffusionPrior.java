package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.model.LatentDenoiser;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * KL[p(z0 | x) ‖ p(z0)] as a diffusion loss: the unweighted ELBO from λ_z(0) down to λ_z(1), and the closed KL at the
 * noisy end (Unified Latents, Eq. 3, Algorithm 1; VDM, arXiv 2107.00630). Any weight other than 1 would let the encoder
 * hide cheap bits at the discounted levels.
 *
 * @param network any diffusion model of latents: the value is its own bound, for the base model too
 * @param schedule λ_z
 */
public record DiffusionPrior(LatentDenoiser network, NoiseSchedule schedule) implements LatentPrior {
    @Override
    public Value nats(Scope s, Value z, Draws draws) {
        Value noise = draws.normalLike(z);
        Diffusion level = draws.level(schedule, Weighting.elbo(), "time of the prior");
        Value predicted = network.apply(s, level.noisy(z, noise), level.logSnr());
        return level.loss(level.velocity(z, noise), predicted).add(terminal(z, schedule.logSnr(1)));
    }

    /** KL[p(z_1 | x) ‖ N(0, I)] = ½ Σ (α₁² z² + σ₁² − ln σ₁² − 1), nats [B]; it guards against latents that grow. */
    static Value terminal(Value z, double minLogSnr) {
        double alphaSquared = 1 / (1 + Math.exp(-minLogSnr));
        double sigmaSquared = 1 / (1 + Math.exp(minLogSnr));
        double constant = 0.5 * z.elements() * (sigmaSquared - Math.log(sigmaSquared) - 1);
        return z.square().sumPerSample().mul(0.5 * alphaSquared).add(constant);
    }
}
