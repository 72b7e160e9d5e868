package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.model.Decoder;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/**
 * The reconstruction term: a diffusion loss on pixels given the noisy latent, weighted by c · sigmoid(b − λ) (Unified
 * Latents, Eq. 4 and Fig. 3). The terms that no parameter affects are left out.
 */
public final class DecoderLoss {
    private DecoderLoss() {}

    /**
     * Writes the loss.
     *
     * @param pixels float32 [B, 3, R, R] in [−1, 1]
     * @param z0 noisy latent, float32 [B, C, h, w]; the gradient reaches the encoder through it
     * @param noise standard normal, shape of the pixels
     * @param level coefficients with the weight c · sigmoid(b − λ) · (−λ′/2) · α²
     * @return nats, summed over pixels and channels, float32 [B]
     */
    public static Value of(Scope s, Decoder decoder, Value pixels, Value z0, Value noise, Diffusion level) {
        Value predicted = decoder.apply(s, level.noisy(pixels, noise), z0, level.logSnr());
        return level.loss(level.velocity(pixels, noise), predicted);
    }
}
