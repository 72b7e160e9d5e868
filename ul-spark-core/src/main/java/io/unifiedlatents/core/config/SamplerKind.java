package io.unifiedlatents.core.config;

import io.unifiedlatents.core.schedule.Ddim;
import io.unifiedlatents.core.schedule.DiffusionSampler;
import io.unifiedlatents.core.schedule.DpmSolver2M;
import java.util.Locale;

/** The samplers that a config can name. */
public enum SamplerKind {
    /** Deterministic, of first order. */
    DDIM(new Ddim()),
    /** DPM-Solver++ with two steps of memory: deterministic, of second order. */
    DPM_SOLVER_2M(new DpmSolver2M());

    private final DiffusionSampler sampler;

    SamplerKind(DiffusionSampler sampler) {
        this.sampler = sampler;
    }

    /** The sampler itself. */
    public DiffusionSampler sampler() {
        return sampler;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
