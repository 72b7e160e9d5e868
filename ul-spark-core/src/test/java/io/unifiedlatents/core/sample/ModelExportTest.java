package io.unifiedlatents.core.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.schedule.Ddim;
import io.unifiedlatents.core.schedule.DiffusionSampler;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.train.BaseObjective;
import io.unifiedlatents.core.train.LatentsObjective;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ModelExportTest {
    private static final int SIDE = 8;
    private static final RunConfig CONFIG = ConfigLoader.load("tiny", "", List.of());

    private final UnifiedLatents model = UnifiedLatents.of(CONFIG.networks(), CONFIG.objective(), CONFIG.compute());
    private final ModelExport export = new ModelExport(model, DType.FLOAT32);
    private final ParameterLayout layout =
            LatentsObjective.of(model, CONFIG.objective(), DType.FLOAT32, 1).layout();
    private final FloatBuffer weights = weights(layout, 0.1);

    private static FloatBuffer weights(ParameterLayout layout, double deviation) {
        SplittableRandom random = new SplittableRandom(5);
        FloatBuffer weights = FloatBuffer.allocate((int) layout.size());
        for (int i = 0; i < weights.capacity(); i++) {
            weights.put(i, (float) (deviation * random.nextGaussian())); // nothing zero, so that every layer shows
        }
        return weights;
    }

    private static NDArray normal(NDManager manager, long seed, long... shape) {
        SplittableRandom random = new SplittableRandom(seed);
        Shape extents = new Shape(shape);
        float[] values = new float[(int) extents.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, extents);
    }

    private static final DiffusionSampler DDIM = new Ddim();

    @Test
    void theDecoderFileSamplesInOneCall() {
        try (Program decoder = Program.load(export.network(Exports.DECODER, layout, weights), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray z0 = normal(manager, 1, 3, 2, 4, 4);
            NDArray noise = normal(manager, 2, 3, 3, SIDE, SIDE);
            float[] rows = DDIM.rows(model.pixelSchedule(), ModelExport.DEFAULT_STEPS, DiffusionSampler.End.DATA);
            NDArray schedule = manager.create(rows, new Shape(ModelExport.DEFAULT_STEPS, DiffusionSampler.COLUMNS));
            float[] sampled = decoder.call("sample", manager, z0, noise, schedule)
                    .singletonOrThrow()
                    .toFloatArray();
            assertThat(decoder.call("forward", manager, z0, noise)
                            .singletonOrThrow()
                            .toFloatArray())
                    .containsExactly(sampled);
            assertThat(sampled).hasSize(3 * 3 * SIDE * SIDE);
            for (float value : sampled) {
                assertThat(value).isBetween(-1f, 1f); // the last step ends on the clipped prediction
            }
        }
    }

    @Test
    void oneDdimStepFollowsItsFormula() {
        try (Program decoder = Program.load(export.network(Exports.DECODER, layout, weights), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray z0 = normal(manager, 1, 1, 2, 4, 4);
            NDArray noise = normal(manager, 2, 1, 3, SIDE, SIDE);
            float[] rows = DDIM.rows(model.pixelSchedule(), 2, DiffusionSampler.End.DATA);
            NoiseLevel to = model.pixelSchedule().at(0.5);
            NDArray first = manager.create(java.util.Arrays.copyOf(rows, 6), new Shape(1, 6));
            float[] moved = decoder.call("sample", manager, z0, noise, first)
                    .singletonOrThrow()
                    .toFloatArray();
            float[] v = decoder.call("denoise", manager, noise, z0, manager.create(new float[] {rows[0]}))
                    .singletonOrThrow()
                    .toFloatArray();
            float[] x = noise.toFloatArray();
            for (int i = 0; i < x.length; i++) {
                double clean = Math.max(-1, Math.min(1, rows[1] * x[i] - rows[2] * v[i]));
                double epsilon = (x[i] - rows[1] * clean) / rows[2];
                // float32 in the script, float64 here, numbers below 5
                assertThat((double) moved[i]).isCloseTo(to.alpha() * clean + to.sigma() * epsilon, within(1e-5));
            }
        }
    }

    @Test
    void theBaseModelSamplesDownToTheFixedNoiseByItsFormula() {
        ParameterLayout base =
                BaseObjective.of(model, CONFIG.objective(), DType.FLOAT32, 1).layout();
        int steps = 3;
        float[] rows = DDIM.rows(model.latentSchedule(), steps, DiffusionSampler.End.NOISE);
        try (Program program = Program.load(export.network(Exports.BASE, base, weights(base, 0.1)), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray noise = normal(manager, 4, 2, 2, 4, 4);
            NDArray schedule = manager.create(rows, new Shape(steps, DiffusionSampler.COLUMNS));
            float[] sampled = program.call("sample", manager, noise, schedule)
                    .singletonOrThrow()
                    .toFloatArray();
            float[] x = noise.toFloatArray();
            for (int step = 0; step < steps; step++) {
                NDArray noisy = manager.create(x, noise.getShape());
                float lambda = rows[6 * step];
                NoiseLevel to = model.latentSchedule().at(1 - (step + 1.0) / steps);
                float[] v = program.call("forward", manager, noisy, manager.create(new float[] {lambda, lambda}))
                        .singletonOrThrow()
                        .toFloatArray();
                for (int i = 0; i < x.length; i++) {
                    double clean = rows[6 * step + 1] * x[i] - rows[6 * step + 2] * v[i];
                    double epsilon = rows[6 * step + 2] * x[i] + rows[6 * step + 1] * v[i];
                    x[i] = (float) (to.alpha() * clean + to.sigma() * epsilon);
                }
            }
            for (int i = 0; i < x.length; i++) {
                // float32; ε there by (x − αẑ)/σ, whose rounding 1/σ ≤ 12 enlarges
                assertThat(sampled[i]).isCloseTo(x[i], within(1e-4f));
            }
        }
        assertThat(model.latentSchedule().at(0)).isEqualTo(model.latentNoise().level());
    }

    @Test
    void guidanceLeadsAwayFromWhatIsPredictedWithoutAClass() {
        RunConfig config = ConfigLoader.load(
                "", ConfigLoader.yaml(CONFIG), List.of("base.condition.kind=class", "base.condition.classes=3"));
        UnifiedLatents told = UnifiedLatents.of(config.networks(), config.objective(), config.compute());
        ParameterLayout base =
                BaseObjective.of(told, config.objective(), DType.FLOAT32, 1).layout();
        float[] rows = DDIM.rows(told.latentSchedule(), 2, DiffusionSampler.End.NOISE);
        try (Program program = Program.load(
                        new ModelExport(told, DType.FLOAT32).network(Exports.BASE, base, weights(base, 0.1)),
                        Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray x = normal(manager, 4, 2, 2, 4, 4);
            NDArray lambda = manager.create(new float[] {rows[0], rows[0]});
            NDArray labels = manager.create(new long[] {0, 2});
            float[] given = program.call("forward", manager, x, lambda, labels)
                    .singletonOrThrow()
                    .toFloatArray();
            float[] none = program.call("forward", manager, x, lambda, manager.create(new long[] {3, 3}))
                    .singletonOrThrow()
                    .toFloatArray();
            assertThat(given).isNotEqualTo(none);
            NoiseLevel to = told.latentSchedule().at(0.5);
            NDArray first = manager.create(java.util.Arrays.copyOf(rows, 6), new Shape(1, 6));
            for (float w : new float[] {1, 3}) {
                float[] moved = program.call("sample", manager, x, first, labels, manager.create(new float[] {w}))
                        .singletonOrThrow()
                        .toFloatArray();
                float[] start = x.toFloatArray();
                for (int i = 0; i < moved.length; i++) {
                    double v = none[i] + w * (given[i] - none[i]);
                    double clean = rows[1] * start[i] - rows[2] * v;
                    double epsilon = rows[2] * start[i] + rows[1] * v;
                    // float32, numbers below 5
                    assertThat((double) moved[i]).isCloseTo(to.alpha() * clean + to.sigma() * epsilon, within(1e-5));
                }
            }
        }
    }

    @Test
    void samplesAreOfTheClassesAskedForAndGuidedBetweenTheLevelsAskedFor() throws IOException {
        RunConfig config = ConfigLoader.load(
                "",
                ConfigLoader.yaml(CONFIG),
                List.of(
                        "base.condition.kind=class",
                        "base.condition.classes=3",
                        "sample.baseSteps=4",
                        "sample.decoderSteps=2"));
        UnifiedLatents told = UnifiedLatents.of(config.networks(), config.objective(), config.compute());
        ParameterLayout base =
                BaseObjective.of(told, config.objective(), DType.FLOAT32, 1).layout();
        NetworkSource files = name -> new ByteArrayInputStream(new ModelExport(told, DType.FLOAT32)
                .network(
                        name,
                        name.equals(Exports.BASE) ? base : layout,
                        weights(name.equals(Exports.BASE) ? base : layout, 0.4)) // so large that 8 bits show a class
                .bytes());
        try (LoadedNetworks networks =
                LoadedNetworks.load(files, Device.cpu(), List.of(Exports.BASE, Exports.DECODER))) {
            byte[][] all = sample(told, networks, config);
            assertThat(sample(told, networks, config, "sample.classes=[2]")[2]).isEqualTo(all[2]);
            assertThat(sample(told, networks, config, "sample.classes=[0]")[2]).isNotEqualTo(all[2]);
            assertThat(sample(told, networks, config, "sample.guidance=4")[1]).isNotEqualTo(all[1]);
            // steps start at log-SNRs of -10, -1.9, -0.2, 1.4: a bound leads to what lies on its side alone
            byte[] early = sample(told, networks, config, "sample.guidance=4", "sample.guidanceMaxLogSnr=-5")[1];
            byte[] late = sample(told, networks, config, "sample.guidance=4", "sample.guidanceMinLogSnr=-5")[1];
            assertThat(early).isNotEqualTo(all[1]).isNotEqualTo(late);
            assertThat(late).isNotEqualTo(all[1]);
            assertThat(sample(
                            told,
                            networks,
                            config,
                            "sample.guidance=4",
                            "sample.guidanceMinLogSnr=-9",
                            "sample.guidanceMaxLogSnr=-8")[1])
                    .isEqualTo(all[1]); // between two levels
        }
        assertThatThrownBy(() -> config(config, "sample.classes=[3]")).hasMessageContaining("classes 0 to 2");
        assertThatThrownBy(() -> config(CONFIG, "sample.guidance=2"))
                .hasMessageContaining("need a class-conditional base model");
        assertThatThrownBy(() -> config(config, "base.condition.dropout=0"))
                .hasMessage("base.condition.dropout is 0; it must be in (0, 1)");
    }

    private static RunConfig config(RunConfig config, String... overrides) {
        return ConfigLoader.load("", ConfigLoader.yaml(config), List.of(overrides));
    }

    private static byte[][] sample(
            UnifiedLatents model, LoadedNetworks networks, RunConfig config, String... overrides) {
        return new Sampler(model, networks, 1, config(config, overrides).sample()).sample(new long[] {0, 1, 2});
    }

    @Test
    void theEncoderTakesBytesAndFloatsAlike() {
        try (Program encoder = Program.load(export.network(Exports.ENCODER, layout, weights), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            byte[] bytes = new byte[2 * SIDE * SIDE * 3];
            new SplittableRandom(3).nextBytes(bytes);
            float[] planes = new float[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                int picture = i / (SIDE * SIDE * 3);
                int pixel = i / 3 % (SIDE * SIDE);
                planes[(picture * 3 + i % 3) * SIDE * SIDE + pixel] = (bytes[i] & 0xff) / 127.5f - 1;
            }
            NDArray pixels = manager.create(planes, new Shape(2, 3, SIDE, SIDE));
            NDArray raw = manager.create(java.nio.ByteBuffer.wrap(bytes), new Shape(2, SIDE, SIDE, 3), DataType.UINT8);
            float[] fromFloats =
                    encoder.call("forward", manager, pixels).singletonOrThrow().toFloatArray();
            float[] fromBytes =
                    encoder.call("encode", manager, raw).singletonOrThrow().toFloatArray();
            assertThat(fromBytes).hasSize(2 * 2 * 4 * 4);
            for (int i = 0; i < fromBytes.length; i++) {
                assertThat(fromBytes[i]).isCloseTo(fromFloats[i], within(1e-4f)); // 1/127.5 rounded once or twice
            }
        }
    }

    @Test
    void refusesWeightsOfAnotherModel() {
        UnifiedLatents wider = UnifiedLatents.of(
                ConfigLoader.load("", ConfigLoader.yaml(CONFIG), List.of("prior.width=32"))
                        .networks(),
                CONFIG.objective(),
                CONFIG.compute());
        assertThatThrownBy(() -> new ModelExport(wider, DType.FLOAT32).network(Exports.PRIOR, layout, weights))
                .hasMessageContaining("prior: the trained layout has")
                .hasMessageContaining("different configs");
    }
}
