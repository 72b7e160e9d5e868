package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.schedule.DiffusionSampler;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Handle;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;
import java.util.function.UnaryOperator;

/** The steps of a {@link DiffusionSampler} as a loop in a script, the same for all samplers and numbers of steps. */
final class SamplingLoop {
    private SamplingLoop() {}

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

    /**
     * Writes all steps.
     *
     * @param noise that the first step starts from
     * @param rows float32 [S, {@value DiffusionSampler#COLUMNS}] of {@link DiffusionSampler#rows}
     * @param kept applied to each prediction of the data, such as clipping
     * @return what the last step ends with, shape of the noise
     */
    static Value write(Graph graph, Value noise, Value rows, Velocity velocity, UnaryOperator<Value> kept) {
        return graph.loop(rows, List.of(noise, noise.filledWith(0)), (i, row, variables) -> {
                    Value x = variables.get(0);
                    Value before = variables.get(1);
                    Value v = velocity.apply(i, x, row.select(0, 0).forEachSample(noise));
                    Value alpha = row.select(0, 1);
                    Value sigma = row.select(0, 2);
                    Value data = kept.apply(x.mul(alpha).sub(v.mul(sigma)));
                    Value epsilon = x.sub(data.mul(alpha)).div(sigma);
                    Value next = data.mul(row.select(0, 3)).add(epsilon.mul(row.select(0, 4)));
                    return List.of(next.add(before.mul(row.select(0, 5))), data);
                })
                .get(0);
    }
}
