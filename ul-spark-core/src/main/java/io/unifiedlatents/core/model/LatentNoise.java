package io.unifiedlatents.core.model;

import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.torchscript.Value;

/** The noise of a latent: the decoder sees z0, the encoder's output with this noise. */
public interface LatentNoise {
    /**
     * Writes z0.
     *
     * @param z output of the encoder, float32 [B, C, h, w]
     * @param noise standard normal, of the shape of z0
     */
    Value noisy(Value z, Value noise);

    /**
     * A fixed amount of noise, z0 = α₀ z + σ₀ ε (Unified Latents, Sec. 3.1).
     *
     * @param level λ_z(0), 5 in the paper
     */
    record Fixed(NoiseLevel level) implements LatentNoise {
        @Override
        public Value noisy(Value z, Value noise) {
            return z.mul(level.alpha()).add(noise.mul(level.sigma()));
        }
    }
}
