package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SamplerKind;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Handle;
import io.unifiedlatents.core.torchscript.Value;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A sampler: takes noise to data along a noise schedule by a network that predicts v. Each step has a row of
 * coefficients, computed on the host in float64; the script that runs the steps is the same for any number of them.
 */
public interface DiffusionSampler {
    /** The level that the last step ends at. */
    enum End {
        /** Clean data: the last prediction itself. */
        DATA,
        /** The schedule's cleanest level, with its noise: so latents reach the decoder. */
        NOISE
    }

    /** The network in a step. */
    interface Velocity {
        /**
         * Predicts v.
         *
         * @param i number of the step
         * @param x noisy data, [B, C, …]
         * @param logSnr λ of each sample, float32 [B]
         */
        Value apply(Handle i, Value x, Value logSnr);
    }

    /** Name of the exported method that runs it. */
    String method();

    /** Name, order and source, for cards of evaluations. */
    String description();

    /** Numbers in the row of a step; the first is λ at its start. */
    int columns();

    /**
     * Fills the row of a step from one level to a cleaner one.
     *
     * @param row receives {@link #columns} numbers from {@code at} on
     * @param before the level that the step before started from; equal to {@code from} for the first step
     * @param to the level that it ends at; null where it ends with clean data
     */
    void row(float[] row, int at, NoiseLevel before, NoiseLevel from, @Nullable NoiseLevel to);

    /**
     * Writes all steps.
     *
     * @param noise that the first step starts from
     * @param rows float32 [S, columns]
     * @param kept applied to each prediction of the data, such as clipping
     * @return what the last step ends with, shape of the noise
     */
    Value write(Graph graph, Value noise, Value rows, Velocity velocity, UnaryOperator<Value> kept);

    /** The rows of some steps, evenly spaced in time from 1 to 0, float32 [steps, columns] row-major. */
    default float[] rows(NoiseSchedule schedule, int steps, End end) {
        Check.setting(steps >= 1, "a sampler of %d steps; it must have at least 1", steps);
        float[] rows = new float[steps * columns()];
        NoiseLevel before = schedule.at(1);
        for (int i = 0; i < steps; i++) {
            NoiseLevel from = schedule.at(1 - (double) i / steps);
            boolean toData = end == End.DATA && i == steps - 1;
            row(rows, i * columns(), before, from, toData ? null : schedule.at(1 - (i + 1.0) / steps));
            before = from;
        }
        return rows;
    }

    /** The sampler that a config names. */
    static DiffusionSampler of(SamplerKind kind) {
        return switch (kind) {
            case DDIM -> new Ddim();
            case DPM_SOLVER_2M -> new DpmSolver2M();
        };
    }
}
