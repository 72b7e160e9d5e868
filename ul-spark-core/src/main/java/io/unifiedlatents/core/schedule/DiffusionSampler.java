package io.unifiedlatents.core.schedule;

import com.google.errorprone.annotations.Immutable;

/**
 * A sampler: the rule that takes noise to data along a noise schedule, by a network that predicts v. Every step is
 * linear: from level s to the cleaner level t, with the predicted data x̂ = α_s x − σ_s v̂ and noise ε̂ = (x − α_s x̂)
 * / σ_s, it is x ← a x̂ + b ε̂ + c x̂_before, where x̂_before is the prediction of the step before. The coefficients
 * are computed in float64 on the host.
 */
@Immutable
public interface DiffusionSampler {
    /** Numbers in the row of a step: {λ_s, α_s, σ_s, a, b, c}. */
    int COLUMNS = 6;

    /** The level that the last step ends at. */
    enum End {
        /** Clean data: the last prediction itself. */
        DATA,
        /** The schedule's cleanest level, with its noise: so latents reach the decoder. */
        NOISE
    }

    /** The coefficients a, b and c of a step. */
    record Step(double data, double noise, double dataBefore) {}

    /** Name, order and source, for cards of evaluations. */
    String description();

    /**
     * The coefficients of a step from one level to a cleaner one.
     *
     * @param before the level that the step before started from; equal to {@code from} for the first step
     * @param to the level that it ends at; {@link NoiseLevel#CLEAN} where it ends with data
     */
    Step step(NoiseLevel before, NoiseLevel from, NoiseLevel to);

    /**
     * The rows of some steps, evenly spaced in time from 1 to 0.
     *
     * @param steps 1 or more
     * @return float32 [steps, {@value #COLUMNS}], row-major
     */
    default float[] rows(NoiseSchedule schedule, int steps, End end) {
        float[] rows = new float[steps * COLUMNS];
        NoiseLevel before = schedule.at(1);
        for (int i = 0; i < steps; i++) {
            NoiseLevel from = schedule.at(1 - (double) i / steps);
            boolean toData = end == End.DATA && i == steps - 1;
            Step step = step(before, from, toData ? NoiseLevel.CLEAN : schedule.at(1 - (i + 1.0) / steps));
            int row = i * COLUMNS;
            rows[row] = (float) from.logSnr();
            rows[row + 1] = (float) from.alpha();
            rows[row + 2] = (float) from.sigma();
            rows[row + 3] = (float) step.data();
            rows[row + 4] = (float) step.noise();
            rows[row + 5] = (float) step.dataBefore();
            before = from;
        }
        return rows;
    }
}
