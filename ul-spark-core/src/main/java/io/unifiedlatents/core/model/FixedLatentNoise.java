package io.unifiedlatents.core.model;

import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.torchscript.Value;

/**
 * A fixed amount of noise, z0 = α₀ z + σ₀ ε (Unified Latents, Sec. 3.1).
 *
 * @param level λ_z(0), 5 in the paper
 */
public record FixedLatentNoise(NoiseLevel level) implements LatentNoise {
    @Override
    public Value noisy(Value z, Value noise) {
        return z.mul(level.alpha()).add(noise.mul(level.sigma()));
    }
}
