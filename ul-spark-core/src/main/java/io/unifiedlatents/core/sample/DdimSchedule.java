package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.NoiseSchedule;

/**
 * The noise levels a deterministic sampler visits (DDIM, Song et al. 2021, arXiv 2010.02502): evenly spaced in time
 * from 1 to 0, the last step ending on the predicted data.
 */
public final class DdimSchedule {
    /** Numbers of one step: λ_t, α_t, σ_t, α_s, σ_s, going from t to the cleaner s. */
    public static final int COLUMNS = 5;

    private DdimSchedule() {}

    /** The steps as rows, float32 [steps, {@value #COLUMNS}] row-major. */
    public static float[] rows(NoiseSchedule schedule, int steps) {
        Check.setting(steps >= 1, "samplerSteps is %d; it must be at least 1", steps);
        float[] rows = new float[steps * COLUMNS];
        for (int i = 0; i < steps; i++) {
            NoiseLevel from = schedule.at(1 - (double) i / steps);
            NoiseLevel to = schedule.at(1 - (i + 1.0) / steps);
            boolean last = i == steps - 1;
            int at = i * COLUMNS;
            rows[at] = (float) from.logSnr();
            rows[at + 1] = (float) from.alpha();
            rows[at + 2] = (float) from.sigma();
            rows[at + 3] = last ? 1f : (float) to.alpha();
            rows[at + 4] = last ? 0f : (float) to.sigma();
        }
        return rows;
    }
}
