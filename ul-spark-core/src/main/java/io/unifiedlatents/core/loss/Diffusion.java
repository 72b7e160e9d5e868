package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Value;

/**
 * A noise level for each sample of a batch in a script: columns of coefficients that are computed on the host.
 *
 * @param alpha α [B]
 * @param sigma σ [B]
 * @param logSnr λ [B]
 * @param weight factor of ‖v − v̂‖² [B]
 */
public record Diffusion(Value alpha, Value sigma, Value logSnr, Value weight) {
    /** Coefficients of one sample. */
    public static final int COLUMNS = 4;

    /**
     * Takes the columns that {@link #put} fills.
     *
     * @param coefficients float32 [B, {@value #COLUMNS}]
     */
    public static Diffusion columns(Value coefficients) {
        return new Diffusion(
                coefficients.select(1, 0),
                coefficients.select(1, 1),
                coefficients.select(1, 2),
                coefficients.select(1, 3));
    }

    /** Fills the row of a sample: α, σ, λ, and the weight of ‖v − v̂‖². */
    public static void put(float[] rows, int sample, NoiseLevel level, Weighting weighting) {
        int at = COLUMNS * sample;
        rows[at] = (float) level.alpha();
        rows[at + 1] = (float) level.sigma();
        rows[at + 2] = (float) level.logSnr();
        rows[at + 3] = (float) level.velocityWeight(weighting);
    }

    /** z_t = α z + σ ε, [B, C, n...]. */
    public Value noisy(Value z, Value noise) {
        return z.mul(alpha.perSample(z.rank())).add(noise.mul(sigma.perSample(z.rank())));
    }

    /** v = α ε − σ z, [B, C, n...]. */
    public Value velocity(Value z, Value noise) {
        return noise.mul(alpha.perSample(z.rank())).sub(z.mul(sigma.perSample(z.rank())));
    }

    /** weight · ‖v − v̂‖², summed over all dimensions of a sample, nats [B]. */
    public Value loss(Value velocity, Value predicted) {
        return velocity.sub(predicted).square().sumPerSample().mul(weight);
    }
}
