package io.unifiedlatents.core.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.PriorConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.model.Prior;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.schedule.CosineSchedule;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.StratifiedTimes;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.GradientCheck;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiffusionPriorTest {
    private static final int CHANNELS = 4;
    private static final int SIDE = 8;
    private static final int DIMENSIONS = CHANNELS * SIDE * SIDE;
    private static final double MIN_LOG_SNR = -10;
    private static final Prior PRIOR = new Prior(new PriorConfig(16, 1, 2));

    private static float[] normal(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] levels(NoiseSchedule schedule, int batch) {
        float[] rows = new float[4 * batch];
        double[] times = StratifiedTimes.of(batch, 3);
        for (int i = 0; i < batch; i++) {
            NoiseLevel level = schedule.at(times[i]);
            rows[4 * i] = (float) level.alpha();
            rows[4 * i + 1] = (float) level.sigma();
            rows[4 * i + 2] = (float) level.logSnr();
            rows[4 * i + 3] = (float) level.velocityWeight(Weighting.elbo());
        }
        return rows;
    }

    /** Mean of the loss over the batch, nats a sample; a prior as it starts predicts v̂ = 0, that is ẑ = α z_t. */
    /** Draws that are inputs of the script. */
    private record Fixed(Value noise, Diffusion level) implements Draws {
        @Override
        public Value normalLike(Value x) {
            return noise;
        }

        @Override
        public Diffusion level(NoiseSchedule schedule, Weighting weighting, String purpose) {
            return level;
        }
    }

    private static double loss(NoiseSchedule schedule, int batch) {
        ParameterLayout layout = new ParameterLayout();
        Graph graph = new Graph("loss", layout, DType.FLOAT32);
        graph.parametersFromArgument("parameters");
        Value z = graph.input("z", DType.FLOAT32, -1, CHANNELS, SIDE, SIDE);
        Value noise = graph.input("noise", DType.FLOAT32, -1, CHANNELS, SIDE, SIDE);
        Value coefficients = graph.input("coefficients", DType.FLOAT32, -1, 4);
        graph.output(new DiffusionPrior(PRIOR, schedule)
                .nats(graph.scope("prior"), z, new Fixed(noise, Diffusion.columns(coefficients))));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray parameters = manager.zeros(new Shape(layout.size()));
            layout.initialize(Torch.floats(parameters), 1);
            Shape shape = new Shape(batch, CHANNELS, SIDE, SIDE);
            float[] nats = program.call(
                            "loss",
                            manager,
                            parameters,
                            manager.create(normal(batch * DIMENSIONS, 4), shape),
                            manager.create(normal(batch * DIMENSIONS, 5), shape),
                            manager.create(levels(schedule, batch), new Shape(batch, 4)))
                    .singletonOrThrow()
                    .toFloatArray();
            double sum = 0;
            for (float value : nats) {
                sum += value;
            }
            return sum / batch;
        }
    }

    @Test
    void aUnitGaussianUnderItsExactDenoiserCostsHalfLogOnePlusExpFiveNatsADimension() {
        double natsPerDimension = loss(new CosineSchedule(5, MIN_LOG_SNR, 0), 2048) / DIMENSIONS;
        // ½ ln(1 + e⁵) = 2.50336, exact mutual information. 524,288 terms with relative deviation √2 each, weighted
        // over
        // stratified levels: standard error about 2.5 · 1.7 / √524288 = 0.006; four of them
        assertThat(natsPerDimension).isCloseTo(0.5 * Math.log1p(Math.exp(5)), within(0.024));
        assertThat(natsPerDimension / Math.log(2)).as("bits").isCloseTo(3.61, within(0.04));
    }

    @Test
    void theTerminalTermIsTheClosedKlOfTheLastLevel() {
        Graph graph = new Graph("kl", new ParameterLayout(), DType.FLOAT32);
        Value z = graph.input("z", DType.FLOAT32, -1, 1, 1, 2);
        graph.output(DiffusionPrior.terminal(z, 0.5));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray value = manager.create(new float[] {2f, -1f}, new Shape(1, 1, 1, 2));
            double a2 = 1 / (1 + Math.exp(-0.5));
            double s2 = 1 - a2;
            double expected = 0.5 * (a2 * 4 + s2 - Math.log(s2) - 1) + 0.5 * (a2 + s2 - Math.log(s2) - 1);
            assertThat((double) program.call("kl", manager, value)
                            .singletonOrThrow()
                            .toFloatArray()[0])
                    .isCloseTo(expected, within(1e-6)); // float32 of numbers near 1
        }
        // summed over dimensions, not averaged: 2.3e-5 nats a dimension at λ = −10 for unit variance
        double s2 = 1 / (1 + Math.exp(-10));
        assertThat(0.5 * (1 - s2 + s2 - Math.log(s2) - 1)).isCloseTo(2.3e-5, within(1e-6));
    }

    @Test
    void theGradientReachesTheEncoderThroughTargetAndInput() {
        // an "encoder" z = x W: gradients with the input, the target, or nothing detached differ, and the first two
        // add up to the third, as the loss is quadratic in v − v̂ and v̂ follows the input only
        double[] full = encoderGradient(false, false);
        double[] targetOnly = encoderGradient(true, false);
        double[] inputOnly = encoderGradient(false, true);
        double scale = norm(full);
        assertThat(norm(targetOnly)).isGreaterThan(0.01 * scale);
        assertThat(norm(inputOnly)).isGreaterThan(0.01 * scale);
        for (int i = 0; i < full.length; i++) {
            // float32 sums of 64 products
            assertThat(targetOnly[i] + inputOnly[i]).isCloseTo(full[i], within(1e-4 * scale));
        }
    }

    private static double norm(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    private static double[] encoderGradient(boolean detachInput, boolean detachTarget) {
        ParameterLayout layout = new ParameterLayout();
        Graph graph = new Graph("step", layout, DType.FLOAT32);
        graph.parametersFromArgument("parameters");
        Value x = graph.input("x", DType.FLOAT32, -1, SIDE * SIDE, CHANNELS);
        Value noise = graph.input("noise", DType.FLOAT32, -1, CHANNELS, SIDE, SIDE);
        Value coefficients = graph.input("coefficients", DType.FLOAT32, -1, 4);
        Value z = Layers.grid(Layers.linear(graph.scope("encoder"), x, CHANNELS), SIDE, SIDE);
        Diffusion level = Diffusion.columns(coefficients);
        Value noisy = level.noisy(detachInput ? z.detach() : z, noise);
        Value target = level.velocity(detachTarget ? z.detach() : z, noise);
        // a fixed stand-in for a trained prior, so that v̂ depends on its input
        Value predicted = Layers.grid(Layers.linear(graph.scope("prior"), Layers.tokens(noisy), CHANNELS), SIDE, SIDE);
        graph.output(GradientCheck.gradient(
                graph, layout, level.loss(target, predicted).sum()));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray parameters = manager.zeros(new Shape(layout.size()));
            layout.initialize(Torch.floats(parameters), 2);
            NDList result = program.call(
                    "step",
                    manager,
                    parameters,
                    manager.create(normal(2 * DIMENSIONS, 6), new Shape(2, SIDE * SIDE, CHANNELS)),
                    manager.create(normal(2 * DIMENSIONS, 7), new Shape(2, CHANNELS, SIDE, SIDE)),
                    manager.create(levels(new CosineSchedule(5, MIN_LOG_SNR, 0), 2), new Shape(2, 4)));
            float[] gradient = result.singletonOrThrow().toFloatArray();
            double[] encoder = new double[CHANNELS * CHANNELS];
            for (int i = 0; i < encoder.length; i++) {
                encoder[i] = gradient[(int) layout.entry("encoder.weight").offset() + i];
            }
            return encoder;
        }
    }

    @Test
    void bitsPerPixelCountPixelsNotChannels() {
        assertThat(Bits.perPixel(SampleShape.picture(512, 512)) * 10_721)
                .isCloseTo(0.059, within(5e-5)); // Table 2, loss factor 1.5
    }
}
