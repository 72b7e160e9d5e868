package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/** The prior of the noisy latent z0; its loss is the KL term of the bound, the bits that the latent costs. */
public interface LatentPrior {
    /**
     * Writes the cost of latents.
     *
     * @param z clean latent, float32 [B, C, h, w]; nothing is detached, the gradient reaches the encoder
     * @return nats, summed over the latent's dimensions, float32 [B]
     */
    Value nats(Scope s, Value z, Draws draws);
}
