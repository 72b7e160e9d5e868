package io.unifiedlatents.core.schedule;

/**
 * Log signal-to-noise ratio λ(t) = ln(α²/σ²) of a variance-preserving diffusion, falling from t = 0 (clean) to t = 1
 * (noise). The value of a diffusion loss depends on its end points only, the variance of the estimate on its shape
 * (Kingma et al. 2021, arXiv 2107.00630).
 */
public interface NoiseSchedule {
    /** λ(t) in nats, t in [0, 1]. */
    double logSnr(double t);

    /** dλ/dt, negative. */
    double derivative(double t);

    /** The noise level at a time. */
    default NoiseLevel at(double t) {
        return new NoiseLevel(logSnr(t), derivative(t));
    }
}
