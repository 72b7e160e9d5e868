package io.unifiedlatents.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.Draws;
import io.unifiedlatents.core.loss.LatentPrior;
import io.unifiedlatents.core.loss.Reconstruction;
import io.unifiedlatents.core.model.Base;
import io.unifiedlatents.core.model.Condition;
import io.unifiedlatents.core.model.LatentNoise;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.ModelExport;
import io.unifiedlatents.core.sample.Sampler;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.HostTensor;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.torchscript.Value;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Variants of the method that are one class each: a prior, a latent noise, a reconstruction and a condition. */
class SeamsTest {
    private static final int BATCH = 4;

    private static final RunConfig CONFIG =
            ConfigLoader.load("tiny", "", List.of("sample={baseSteps: 2, decoderSteps: 2, batch: 2}"));

    private static final UnifiedLatents MODEL =
            UnifiedLatents.of(CONFIG.networks(), CONFIG.objective(), CONFIG.compute());

    /** KL[N(z, s²) ‖ N(0, 1)] in closed form, without a network or a noise level. */
    private record NormalPrior(double deviation) implements LatentPrior {
        @Override
        public Value nats(Scope s, Value z, Draws draws) {
            double variance = deviation * deviation;
            double constant = 0.5 * z.elements() * (variance - Math.log(variance) - 1);
            return z.square().sumPerSample().mul(0.5).add(constant);
        }
    }

    /** z0 = z + s ε. */
    private record AddedNoise(double deviation) implements LatentNoise {
        @Override
        public Value noisy(Value z, Value noise) {
            return z.add(noise.mul(deviation));
        }
    }

    /** Half the squared error of one linear map of the latent, without noise on pixels. */
    private record LinearReconstruction() implements Reconstruction {
        @Override
        public Value loss(Scope s, Value pixels, Value z0, double factor, Draws draws) {
            Value decoded = Functions.pixelShuffle(s, Layers.conv(s.at("out"), z0, 12, 1), 2);
            return pixels.sub(decoded).square().sumPerSample().mul(0.5 * factor);
        }
    }

    /** One number a sample, taken through a linear map; "none" is 0. */
    private record NumberCondition() implements Condition {
        @Override
        public String name() {
            return "number";
        }

        @Override
        public DType dtype() {
            return DType.FLOAT32;
        }

        @Override
        public long[] shape() {
            return new long[] {1};
        }

        @Override
        public Value embed(Scope s, Value values, long width) {
            return Layers.linear(s.at("number"), values, width);
        }

        @Override
        public HostTensor training(MicroBatch batch, long seed) {
            float[] values = new float[batch.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = batch.labels()[i];
            }
            return HostTensor.ofFloats(values, values.length, 1);
        }

        @Override
        public HostTensor none(int samples) {
            return HostTensor.ofFloats(new float[samples], samples, 1);
        }

        @Override
        public Value none(Value values) {
            return values.filledWith(0);
        }

        @Override
        public HostTensor sampled(long[] numbers, SampleConfig config) {
            float[] values = new float[numbers.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = numbers[i];
            }
            return HostTensor.ofFloats(values, values.length, 1);
        }
    }

    private static MicroBatch batch(UnifiedLatents model) {
        byte[] pixels = new byte[BATCH * model.config().sample().values()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (31 * i);
        }
        float[] latents = new float[BATCH * model.config().latent().values()];
        for (int i = 0; i < latents.length; i++) {
            latents[i] = (float) Math.sin(i);
        }
        return new MicroBatch(
                0,
                0,
                0,
                0,
                ByteBuffer.wrap(pixels),
                BATCH,
                model.config().sample(),
                new String[BATCH],
                new int[] {0, 1, 2, 3},
                FloatBuffer.wrap(latents));
    }

    private static FloatBuffer start(ParameterLayout layout) {
        FloatBuffer weights = FloatBuffer.allocate(Math.toIntExact(layout.size()));
        layout.initialize(weights, 1);
        for (int i = 0; i < weights.capacity(); i++) { // what starts at zero would hide the rest
            weights.put(i, weights.get(i) + 0.05f * (float) Math.cos(i));
        }
        return weights.rewind();
    }

    /** Terms [B, terms] of one micro-batch, then the gradient. */
    private static float[][] step(Objective objective) {
        return step(objective, MODEL);
    }

    private static float[][] step(Objective objective, UnifiedLatents model) {
        try (Program program = Program.load(objective.archive(), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray parameters = manager.create(
                    start(objective.layout()), new Shape(objective.layout().size()));
            NDArray gradient = manager.zeros(new Shape(objective.layout().size()));
            Input.Feed feed =
                    new Input.Feed(parameters, gradient, batch(model), objective.coefficients(0, BATCH), BATCH);
            float[] terms = program.call(Objective.METHOD, manager, objective.feed(manager, feed))
                    .singletonOrThrow()
                    .toFloatArray();
            return new float[][] {terms, gradient.toFloatArray()};
        }
    }

    @Test
    void priorNoiseAndReconstructionAreOneClassEach() {
        ObjectiveWriter writer = new ObjectiveWriter(DType.FLOAT32, 1);
        Objective objective = LatentsObjective.write(
                MODEL,
                new NormalPrior(0.5),
                new AddedNoise(0.5),
                new LinearReconstruction(),
                CONFIG.objective(),
                writer);
        assertThat(objective.levels()).isEmpty(); // nothing that is asked for is drawn
        assertThat(objective.inputs())
                .extracting(Input::name)
                .containsExactly("parameters", "gradient", "pixels", "priorGradient", "seeds", "share");
        assertThat(objective.layout().has("prior")).isFalse();
        float[][] found = step(objective);
        int terms = objective.terms().size();
        double bits = Bits.perPixel(MODEL.config().sample());
        int dimensions = MODEL.config().latent().values();
        for (int i = 0; i < BATCH; i++) {
            double power = found[0][terms * i + 3];
            double nats = 0.5 * dimensions * (power + 0.25 - Math.log(0.25) - 1);
            // float32 sums of 32 squares
            assertThat((double) found[0][terms * i + 1]).isCloseTo(nats * bits, within(1e-5 * nats * bits));
            assertThat(found[0][terms * i]).isCloseTo(found[0][terms * i + 1] + found[0][terms * i + 2], within(1e-4f));
        }
        ParameterLayout.Entry first = objective.layout().entry("encoder.in.weight");
        float norm = 0;
        for (long i = first.offset(); i < first.end(); i++) {
            norm += Math.abs(found[1][(int) i]);
        }
        assertThat(norm).as("gradient of the encoder").isPositive();
    }

    @Test
    void clipsAreAShapeInTheConfig() {
        RunConfig config = ConfigLoader.load("tiny", "", List.of("model.frames=3"));
        UnifiedLatents clips = UnifiedLatents.of(config.networks(), config.objective(), config.compute());
        for (Objective objective : List.of(
                LatentsObjective.of(clips, config.objective(), DType.FLOAT32, 1),
                DecoderObjective.of(clips, config.objective(), DType.FLOAT32, 1),
                BaseObjective.of(clips, config.objective(), DType.FLOAT32, 1))) {
            float[][] found = step(objective, clips);
            assertThat(found[0]).hasSize(BATCH * objective.terms().size());
            for (float term : found[0]) {
                assertThat(term).isFinite().isPositive();
            }
            for (ParameterLayout.Entry entry : objective.layout().entries()) {
                float norm = 0;
                for (long i = entry.offset(); i < entry.end(); i++) {
                    norm += Math.abs(found[1][(int) i]);
                }
                assertThat(norm).as(entry.name()).isFinite().isPositive();
            }
        }
    }

    @Test
    void aConditionIsOneClassFromTrainingToSamples() throws IOException {
        UnifiedLatents conditional = new UnifiedLatents(
                MODEL.config(),
                MODEL.encoder(),
                MODEL.prior(),
                MODEL.decoder(),
                new Base(CONFIG.base(), List.of(new NumberCondition())),
                MODEL.latentSchedule(),
                MODEL.pixelSchedule());
        Objective objective = BaseObjective.of(conditional, CONFIG.objective(), DType.FLOAT32, 1);
        assertThat(objective.inputs()).extracting(Input::name).contains("number");
        float[][] found = step(objective);
        ParameterLayout.Entry weight = objective.layout().entry("base.number.weight");
        assertThat(found[1][(int) weight.offset()]).isNotZero();

        ModelExport export = new ModelExport(conditional, DType.FLOAT32);
        Objective joint = LatentsObjective.of(conditional, CONFIG.objective(), DType.FLOAT32, 1);
        try (LoadedNetworks networks = LoadedNetworks.load(
                name -> new ByteArrayInputStream(export.network(
                                name,
                                name.equals(Exports.BASE) ? objective.layout() : joint.layout(),
                                start(name.equals(Exports.BASE) ? objective.layout() : joint.layout()))
                        .bytes()),
                Device.cpu(),
                List.of(Exports.BASE, Exports.DECODER))) {
            Sampler sampler = new Sampler(conditional, networks, 1, CONFIG.sample());
            byte[][] two = sampler.sample(new long[] {3, 900});
            assertThat(sampler.sample(new long[] {3, 5})[0]).isEqualTo(two[0]);
            assertThat(two[0]).isNotEqualTo(two[1]);
        }
    }
}
