package io.unifiedlatents.core.config;

import java.util.Locale;

/** A method that takes noise to data step by step. */
public enum SamplerKind {
    /** Deterministic, of first order. */
    DDIM,
    /** DPM-Solver++ with two steps of memory: deterministic, of second order. */
    DPM_SOLVER_2M;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
