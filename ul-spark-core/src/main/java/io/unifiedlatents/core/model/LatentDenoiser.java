package io.unifiedlatents.core.model;

import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/** A diffusion model of latents that predicts v. */
public interface LatentDenoiser {
    /**
     * Writes the network.
     *
     * @param noisy z_t, float32 [B, C, h, w]
     * @param logSnr λ of each sample, float32 [B]
     * @return v̂, float32 [B, C, h, w]
     */
    Value apply(Scope s, Value noisy, Value logSnr);
}
