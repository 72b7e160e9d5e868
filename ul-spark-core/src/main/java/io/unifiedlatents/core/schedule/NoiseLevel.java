package io.unifiedlatents.core.schedule;

/**
 * A noise level: z_t = α z + σ ε with α² = sigmoid(λ), σ² = sigmoid(−λ).
 *
 * @param logSnr λ in nats
 * @param slope dλ/dt where the level was drawn, negative; only losses use it
 */
public record NoiseLevel(double logSnr, double slope) {
    /** Data without noise: λ = ∞, α = 1, σ = 0. */
    public static final NoiseLevel CLEAN = new NoiseLevel(Double.POSITIVE_INFINITY, 0);

    /** α, the scale of the signal. */
    public double alpha() {
        return Math.sqrt(sigmoid(logSnr));
    }

    /** σ, the scale of the noise. */
    public double sigma() {
        return Math.sqrt(sigmoid(-logSnr));
    }

    /**
     * The factor of the squared error of the velocity, ‖v − v̂‖² with v = αε − σx: −λ′/2 · w(λ) · α². Errors of noise
     * and data have factors −λ′/2 · w(λ) and −λ′/2 · w(λ) · e^λ; the velocity is the best conditioned of the three.
     *
     * @param weighting w(λ) relative to the ELBO
     */
    public double velocityWeight(Weighting weighting) {
        return sigmoid(logSnr) * (-slope / 2 * weighting.at(logSnr));
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
