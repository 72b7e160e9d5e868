package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.config.DecoderWeighting;
import io.unifiedlatents.core.model.Decoder;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * A diffusion loss on pixels given the noisy latent, weighted by c · sigmoid(b − λ) unless a config names another
 * weighting (Unified Latents, Eq. 4 and Fig. 3). The terms that no parameter affects are left out.
 *
 * @param decoder network, predicts v
 * @param schedule λ_x
 * @param weighting of noise levels
 * @param bias b, nats
 */
public record DiffusionReconstruction(Decoder decoder, NoiseSchedule schedule, DecoderWeighting weighting, double bias)
        implements Reconstruction {
    @Override
    public Value loss(Scope s, Value pixels, Value z0, double factor, Draws draws) {
        Value noise = draws.normalLike(pixels);
        Diffusion level = draws.level(schedule, weighting.of(factor, bias), "time of the decoder");
        Value predicted = decoder.apply(s, level.noisy(pixels, noise), z0, level.logSnr());
        return level.loss(level.velocity(pixels, noise), predicted);
    }
}
