package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/** The reconstruction term of the bound, with the decoder that it trains. */
public interface Reconstruction {
    /**
     * Writes the loss.
     *
     * @param pixels float32 [B, 3, H, W] in [−1, 1]
     * @param z0 noisy latent, float32 [B, C, h, w]; the gradient reaches the encoder through it
     * @param factor c_lf, by which the term counts more than its ELBO
     * @return nats, summed over pixels and channels, float32 [B]
     */
    Value loss(Scope s, Value pixels, Value z0, double factor, Draws draws);
}
