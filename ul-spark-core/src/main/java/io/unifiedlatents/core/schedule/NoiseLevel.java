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
     * The factor of the squared error of the noise, ‖ε − ε̂‖²: −λ′/2 · w.
     *
     * @param weighting w(λ) relative to the ELBO
     */
    public double epsilonWeight(Weighting weighting) {
        return -slope / 2 * weighting.at(logSnr);
    }

    /** The factor of ‖x − x̂‖²: e^λ times the noise weight. */
    public double dataWeight(Weighting weighting) {
        return Math.exp(logSnr) * epsilonWeight(weighting);
    }

    /** The factor of ‖v − v̂‖², v = αε − σx: α² times the noise weight; the best conditioned of the three. */
    public double velocityWeight(Weighting weighting) {
        return sigmoid(logSnr) * epsilonWeight(weighting);
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
