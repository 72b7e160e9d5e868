package io.unifiedlatents.core.model;

import io.unifiedlatents.core.torchscript.Value;

/** The noise that a latent carries: the decoder sees z0, the encoder's output with this noise. */
public interface LatentNoise {
    /**
     * Writes z0.
     *
     * @param z output of the encoder, float32 [B, C, h, w]
     * @param noise standard normal, of the shape of z0
     */
    Value noisy(Value z, Value noise);
}
