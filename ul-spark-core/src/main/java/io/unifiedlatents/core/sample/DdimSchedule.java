package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.NoiseSchedule;

/**
 * The noise levels a deterministic sampler visits (DDIM, Song et al. 2021, arXiv 2010.02502): evenly spaced in time
 * from 1 to 0.
 */
public final class DdimSchedule {
    /** Numbers of one step: λ_t, α_t, σ_t, α_s, σ_s, going from t to the cleaner s. */
    public static final int COLUMNS = 5;

    private DdimSchedule() {}

    /** Steps whose last ends on the predicted data, float32 [steps, {@value #COLUMNS}] row-major. */
    public static float[] toData(NoiseSchedule schedule, int steps) {
        float[] rows = toNoise(schedule, steps);
        rows[rows.length - 2] = 1;
        rows[rows.length - 1] = 0;
        return rows;
    }

    /** Steps whose last ends at the schedule's cleanest level, with its noise: so that latents reach the decoder. */
    public static float[] toNoise(NoiseSchedule schedule, int steps) {
        Check.setting(steps >= 1, "a sampler of %d steps; it must have at least 1", steps);
        float[] rows = new float[steps * COLUMNS];
        for (int i = 0; i < steps; i++) {
            NoiseLevel from = schedule.at(1 - (double) i / steps);
            NoiseLevel to = schedule.at(1 - (i + 1.0) / steps);
            int at = i * COLUMNS;
            rows[at] = (float) from.logSnr();
            rows[at + 1] = (float) from.alpha();
            rows[at + 2] = (float) from.sigma();
            rows[at + 3] = (float) to.alpha();
            rows[at + 4] = (float) to.sigma();
        }
        return rows;
    }

    /** Steps as a script takes them, [steps, {@value #COLUMNS}]. */
    static NDArray array(NDManager manager, float[] rows) {
        return manager.create(rows, new Shape(rows.length / COLUMNS, COLUMNS));
    }
}
