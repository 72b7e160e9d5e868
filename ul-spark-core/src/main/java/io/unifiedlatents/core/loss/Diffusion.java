package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.torchscript.Value;

/**
 * A noise level for each sample of a batch, as the script sees it: columns of a coefficient array filled on the host.
 *
 * @param alpha α [B, 1, 1, 1]
 * @param sigma σ [B, 1, 1, 1]
 * @param logSnr λ [B]
 * @param weight what multiplies ‖v − v̂‖² [B]
 */
public record Diffusion(Value alpha, Value sigma, Value logSnr, Value weight) {
    /** Numbers a coefficient array holds for each diffusion. */
    public static final int COLUMNS = 4;

    /**
     * Takes columns [first, first + 4) of a coefficient array: α, σ, λ, weight.
     *
     * @param coefficients float32 [B, columns]
     */
    public static Diffusion columns(Value coefficients, int first) {
        return new Diffusion(
                coefficients.slice(1, first, first + 1).reshape(-1, 1, 1, 1),
                coefficients.slice(1, first + 1, first + 2).reshape(-1, 1, 1, 1),
                coefficients.select(1, first + 2),
                coefficients.select(1, first + 3));
    }

    /** z_t = α z + σ ε. */
    public Value noisy(Value z, Value noise) {
        return z.mul(alpha).add(noise.mul(sigma));
    }

    /** v = α ε − σ z. */
    public Value velocity(Value z, Value noise) {
        return noise.mul(alpha).sub(z.mul(sigma));
    }

    /** weight · ‖v − v̂‖², summed over all dimensions of a sample, nats [B]. */
    public Value loss(Value velocity, Value predicted) {
        return velocity.sub(predicted).square().sumPerSample().mul(weight);
    }
}
