package io.unifiedlatents.core.loss;

import static io.unifiedlatents.core.torchscript.ScriptRunner.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.PriorConfig;
import io.unifiedlatents.core.model.LatentDenoiser;
import io.unifiedlatents.core.model.Prior;
import io.unifiedlatents.core.schedule.CosineSchedule;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.GradientCheck;
import io.unifiedlatents.core.torchscript.Value;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class BaseLossTest {
    private static final NoiseSchedule SCHEDULE = new CosineSchedule(5, -10, 0);

    /** Draws that are inputs of the script: noise, and the levels in the order in which they are asked for. */
    private record Given(Value noise, Deque<Diffusion> levels) implements Draws {
        static Given of(Value noise, Value... coefficients) {
            Deque<Diffusion> levels = new ArrayDeque<>();
            List.of(coefficients).forEach(rows -> levels.add(Diffusion.columns(rows)));
            return new Given(noise, levels);
        }

        @Override
        public Value normalLike(Value x) {
            return noise;
        }

        @Override
        public Diffusion level(NoiseSchedule schedule, Weighting weighting, String purpose) {
            return levels.remove();
        }
    }

    @Test
    void lossAndBoundWeighTheSameSquaredErrorOfTheVelocity() {
        float[] z = {0.5f, -1, 2, 0.25f};
        float[] noise = {1, 0.5f, -0.75f, 1.5f};
        float[] weighted = {0.8f, 0.6f, 0.5f, 3}; // alpha, sigma, log-SNR, weight
        float[] elbo = {0.8f, 0.6f, 0.5f, 7};
        double error = 0;
        double power = 0;
        for (int i = 0; i < z.length; i++) {
            double velocity = 0.8 * noise[i] - 0.6 * z[i];
            error += velocity * velocity;
            power += z[i] * z[i];
        }
        double variance = 1 / (1 + Math.exp(-10)); // of the noisy end, whose KL the bound adds
        double terminal = 0.5 * ((1 - variance) * power + 4 * (variance - Math.log(variance) - 1));
        long[][] shapes = {{-1, 1, 2, 2}, {-1, 1, 2, 2}, {-1, 4}, {-1, 4}};
        float[][] data = {z, noise, weighted, elbo};
        LatentDenoiser nothing = (s, noisy, logSnr) -> noisy.filledWith(0);
        float[] loss = run(
                shapes,
                data,
                (s, v) -> BaseLoss.of(s, nothing, v[0], SCHEDULE, 0, Given.of(v[1], v[2], v[3]))
                        .loss());
        float[] bound = run(
                shapes,
                data,
                (s, v) -> BaseLoss.of(s, nothing, v[0], SCHEDULE, 0, Given.of(v[1], v[2], v[3]))
                        .bound());
        // float32 sums of four squares below 50: 1e-6 relative and some
        assertThat((double) loss[0]).isCloseTo(3 * error, within(1e-4));
        assertThat((double) bound[0]).isCloseTo(7 * error + terminal, within(1e-4));
    }

    @Test
    void gradientMatchesFiniteDifferences() {
        Prior network = new Prior(new PriorConfig(8, 1, 2));
        GradientCheck.check(
                (graph, in) -> {
                    Given draws = Given.of(in[1], in[2], in[2]);
                    BaseLoss terms = BaseLoss.of(graph.scope("base"), network, in[0], SCHEDULE, 0, draws);
                    return terms.loss().sum().mul(1.0 / (2 * in[0].elements()));
                },
                new long[] {2, 2, 2, 3},
                new long[] {2, 2, 2, 3},
                new long[] {2, 4});
    }
}
