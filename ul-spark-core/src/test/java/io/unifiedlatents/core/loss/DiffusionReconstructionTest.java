package io.unifiedlatents.core.loss;

import static io.unifiedlatents.core.torchscript.ScriptRunner.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.DecoderConfig;
import io.unifiedlatents.core.config.DecoderWeighting;
import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.model.Decoder;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.schedule.CosineSchedule;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.GradientCheck;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiffusionReconstructionTest {
    private static final Decoder DECODER =
            new Decoder(new DecoderConfig(2, List.of(4), List.of(1), 6, 1, 2, 0), NormKind.LAYER);
    private static final int BATCH = 2;
    private static final int PIXELS = 3 * 8 * 12;
    private static final int LATENT = 2 * 2 * 3;

    private static float[] normal(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Value loss(Scope s, Value pixels, Value z0, Value noise, Value coefficients) {
        Draws given = new Draws() {
            @Override
            public Value normalLike(Value x) {
                return noise;
            }

            @Override
            public Diffusion level(NoiseSchedule schedule, Weighting weighting, String purpose) {
                return Diffusion.columns(coefficients);
            }
        };
        NoiseSchedule schedule = new CosineSchedule(10, -10, 0); // the coefficients are given
        return new DiffusionReconstruction(DECODER, schedule, DecoderWeighting.SIGMOID, 0)
                .loss(s, pixels, z0, 1, given);
    }

    /** A decoder as it starts predicts v̂ = 0, so that the loss is weight · ‖α ε − σ x‖². */
    @Test
    void anUntrainedDecoderCostsTheSquareOfItsTarget() {
        float[] x = normal(BATCH * PIXELS, 1);
        float[] noise = normal(BATCH * PIXELS, 2);
        float[] coefficients = {0.8f, 0.6f, 0.575f, 0.25f, 0.28f, 0.96f, -2.464f, 3};
        float[] nats = run(
                new long[][] {{-1, 3, 8, 12}, {-1, 2, 2, 3}, {-1, 3, 8, 12}, {-1, 4}},
                new float[][] {x, normal(BATCH * LATENT, 3), noise, coefficients},
                (s, in) -> loss(s, in[0], in[1], in[2], in[3]));
        assertThat(nats).hasSize(BATCH);
        for (int sample = 0; sample < BATCH; sample++) {
            double expected = 0;
            for (int i = sample * PIXELS; i < (sample + 1) * PIXELS; i++) {
                double v = coefficients[4 * sample] * noise[i] - coefficients[4 * sample + 1] * x[i];
                expected += coefficients[4 * sample + 3] * v * v;
            }
            // float32 sums of 288 squares
            assertThat((double) nats[sample]).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    /** The latent goes through a layer of its own, so that the gradient must pass through the decoder's condition. */
    @Test
    void theGradientReachesDecoderAndLatent() {
        GradientCheck.check(
                (graph, in) -> {
                    Value z0 = Layers.conv(graph.scope("encoder"), in[1], 2, 1);
                    return loss(graph.scope("decoder"), in[0], z0, in[2], in[3].sigmoid())
                            .sum()
                            .mul(1.0 / (BATCH * PIXELS));
                },
                new long[] {BATCH, 3, 8, 12},
                new long[] {BATCH, 2, 2, 3},
                new long[] {BATCH, 3, 8, 12},
                new long[] {BATCH, 4});
    }
}
