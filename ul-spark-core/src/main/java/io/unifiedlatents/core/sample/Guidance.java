package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.schedule.DiffusionSampler;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Classifier-free guidance, v̂ ← v̂_none + w (v̂ − v̂_none), between two log-SNRs (Ho and Salimans 2022, arXiv
 * 2207.12598; Kynkäänniemi et al. 2024, arXiv 2404.07724).
 */
final class Guidance {
    private Guidance() {}

    /**
     * The weight of each step, 1 outside of the levels that a config names.
     *
     * @param rows coefficients of the steps, λ first
     */
    static float[] weights(SampleConfig config, float[] rows) {
        float[] weights = new float[rows.length / DiffusionSampler.COLUMNS];
        Arrays.fill(weights, 1);
        for (int step = 0; step < weights.length; step++) {
            double logSnr = rows[step * DiffusionSampler.COLUMNS];
            if (logSnr >= config.guidanceMinLogSnr() && logSnr <= config.guidanceMaxLogSnr()) {
                weights[step] = (float) config.guidance();
            }
        }
        return weights;
    }

    /**
     * Writes the guided prediction; the prediction without conditions is made only where the weight is not 1.
     *
     * @param given prediction with all conditions
     * @param none prediction without
     * @param weight of this step, shape []
     */
    static Value guided(Graph graph, Value given, Supplier<Value> none, Value weight) {
        Supplier<Value> moved = () -> {
            Value unconditional = none.get();
            return unconditional.add(given.sub(unconditional).mul(weight));
        };
        return graph.ifElse(weight.ne(1), moved, () -> given);
    }
}
