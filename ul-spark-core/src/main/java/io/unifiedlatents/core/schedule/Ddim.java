package io.unifiedlatents.core.schedule;

/** DDIM without noise, a sampler of first order (Song et al. 2021, arXiv 2010.02502): x ← α_t x̂ + σ_t ε̂. */
public record Ddim() implements DiffusionSampler {
    @Override
    public String description() {
        return "DDIM, first order, uniform in time";
    }

    @Override
    public Step step(NoiseLevel before, NoiseLevel from, NoiseLevel to) {
        return new Step(to.alpha(), to.sigma(), 0);
    }
}
