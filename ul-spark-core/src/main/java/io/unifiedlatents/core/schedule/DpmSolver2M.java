package io.unifiedlatents.core.schedule;

/**
 * DPM-Solver++(2M), a multistep solver of second order for predictions of the data (Lu et al. 2022, arXiv 2211.01095,
 * Algorithm 2): with h = (λ_t − λ_s) / 2 and r = h_before / h, x ← (σ_t / σ_s) x + α_t (1 − e⁻ʰ) (x̂ + (x̂ − x̂_before)
 * / (2r)), which is α_t x̂ + σ_t ε̂ + α_t (1 − e⁻ʰ) (x̂ − x̂_before) / (2r). The first step, and a last one to clean
 * data, are of first order.
 */
public record DpmSolver2M() implements DiffusionSampler {
    @Override
    public String description() {
        return "DPM-Solver++(2M), second order, uniform in time";
    }

    @Override
    public Step step(NoiseLevel before, NoiseLevel from, NoiseLevel to) {
        double h = (to.logSnr() - from.logSnr()) / 2;
        double hBefore = (from.logSnr() - before.logSnr()) / 2;
        boolean firstOrder = hBefore == 0 || Double.isInfinite(h);
        double slope = firstOrder ? 0 : to.alpha() * -Math.expm1(-h) * h / (2 * hBefore);
        return new Step(to.alpha() + slope, to.sigma(), -slope);
    }
}
