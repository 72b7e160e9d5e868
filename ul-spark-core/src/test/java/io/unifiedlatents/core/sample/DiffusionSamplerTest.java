package io.unifiedlatents.core.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SamplerKind;
import io.unifiedlatents.core.schedule.CosineSchedule;
import io.unifiedlatents.core.schedule.Ddim;
import io.unifiedlatents.core.schedule.DiffusionSampler;
import io.unifiedlatents.core.schedule.DpmSolver2M;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.torchscript.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Samplers under the exact denoiser of Gaussian data, for which the probability flow has a closed form. */
class DiffusionSamplerTest {
    private static final double DEVIATION = 0.3;
    private static final NoiseSchedule SCHEDULE = new CosineSchedule(5, -10, 0);

    /** x̂ = α s² / (α² s² + σ²) · x is the exact prediction for data of N(0, s²); v̂ = (α x − x̂) / σ. */
    private static Value velocity(Value x, Value logSnr) {
        Value alpha2 = logSnr.sigmoid().reshape(-1, 1, 1, 1);
        Value sigma2 = logSnr.mul(-1).sigmoid().reshape(-1, 1, 1, 1);
        Value alpha = alpha2.sqrt();
        double variance = DEVIATION * DEVIATION;
        Value clean = x.mul(alpha.mul(variance).div(alpha2.mul(variance).add(sigma2)));
        return x.mul(alpha).sub(clean).div(sigma2.sqrt());
    }

    private static double spread(NoiseLevel level) {
        return Math.sqrt(level.alpha() * level.alpha() * DEVIATION * DEVIATION + level.sigma() * level.sigma());
    }

    /** What a sampler makes of the noise 1. */
    private static double sample(DiffusionSampler sampler, int steps, DiffusionSampler.End end) {
        Graph graph = new Graph("sample", new ParameterLayout(), DType.FLOAT32);
        Value noise = graph.input("noise", DType.FLOAT32, -1, 1, 1, 1);
        Value rows = graph.input("schedule", DType.FLOAT32, -1, DiffusionSampler.COLUMNS);
        graph.output(SamplingLoop.write(graph, noise, rows, (i, x, logSnr) -> velocity(x, logSnr), clean -> clean));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            float[] row = sampler.rows(SCHEDULE, steps, end);
            NDArray schedule = manager.create(row, new Shape(steps, DiffusionSampler.COLUMNS));
            NDArray start = manager.create(new float[] {1}, new Shape(1, 1, 1, 1));
            return program.call("sample", manager, start, schedule)
                    .singletonOrThrow()
                    .toFloatArray()[0];
        }
    }

    /** Along the probability flow x keeps its distance from the mean in deviations. */
    private static double error(DiffusionSampler sampler, int steps) {
        double exact = spread(SCHEDULE.at(0)) / spread(SCHEDULE.at(1));
        return Math.abs(sample(sampler, steps, DiffusionSampler.End.NOISE) - exact);
    }

    @Test
    void theErrorFallsByTheOrder() {
        // half the step: 2 times less for the first order, 4 for the second; higher orders still show at 32 steps
        assertThat(error(new Ddim(), 32) / error(new Ddim(), 64)).isCloseTo(2, within(0.3));
        assertThat(error(new DpmSolver2M(), 32) / error(new DpmSolver2M(), 64)).isCloseTo(4, within(1.2));
        assertThat(error(new DpmSolver2M(), 32)).isLessThan(error(new Ddim(), 32) / 4);
    }

    @ParameterizedTest
    @EnumSource
    void theLastStepToDataIsThePrediction(SamplerKind kind) {
        DiffusionSampler sampler = kind.sampler();
        NoiseLevel first = SCHEDULE.at(1);
        double variance = DEVIATION * DEVIATION;
        double predicted = first.alpha() * variance / (spread(first) * spread(first));
        assertThat(sample(sampler, 1, DiffusionSampler.End.DATA)).isCloseTo(predicted, within(1e-6)); // float32
        assertThat(sample(sampler, 64, DiffusionSampler.End.DATA))
                .isCloseTo(DEVIATION / spread(first), within(0.05)); // 64 steps of a flow whose last is of first order
    }
}
