package io.unifiedlatents.tests.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.config.NetworksConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** What one stage-1 step and its networks take, the same numbers for both implementations. */
final class StepInputs {
    private static final long STEP = 150; // within the growth of the prior's gradient
    private static final int WARMUP_STEPS = 500; // of the preset cifar10

    final int batch;
    final SampleShape sample;
    final byte[] pixels; // [B, H, W, 3]
    final float[] parameters;
    final List<float[]> levels;
    final float[] coefficients; // [B, 8]
    final long noiseSeed;
    final float[] scalars;
    final long[] latentShape;
    final float[] latent; // a noisy latent, [B, C, h, w]
    final float[] noisy; // noisy pixels, [B, 3, H, W]

    StepInputs(Objective objective, NetworksConfig model, int batch) {
        SplittableRandom random = new SplittableRandom(3);
        this.batch = batch;
        this.sample = model.sample();
        this.pixels = new byte[batch * sample.values()];
        random.nextBytes(pixels);
        this.parameters = parameters(objective.layout(), random);
        this.levels = objective.coefficients(STEP, batch);
        this.coefficients = new float[2 * 4 * batch];
        for (int i = 0; i < coefficients.length; i++) {
            coefficients[i] = levels.get(i / 4 % 2)[4 * (i / 8) + i % 4];
        }
        this.scalars = new float[] {1f / batch, (float) STEP / WARMUP_STEPS};
        this.noiseSeed = Seeds.of(objective.seed(), "noise", STEP, 0);
        this.latentShape = model.latent().networkBatch();
        this.latent = normal(random, batch * model.latent().values());
        this.noisy = normal(random, pixels.length);
    }

    /** The micro-batch, which is the whole global batch. */
    MicroBatch batch() {
        return new MicroBatch(
                STEP, 0, 0, 0, ByteBuffer.wrap(pixels), batch, sample, new String[batch], new int[batch], null);
    }

    /** Start values with noise on top: those that start at zero would hide most of the network. */
    private static float[] parameters(ParameterLayout layout, SplittableRandom random) {
        float[] parameters = new float[Math.toIntExact(layout.size())];
        layout.initialize(FloatBuffer.wrap(parameters), 5);
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] += (float) (0.02 * random.nextGaussian());
        }
        return parameters;
    }

    private static float[] normal(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Writes everything where {@link EagerStep} reads it. */
    void write(Path directory, RunConfig config, UnifiedLatents model, ParameterLayout layout) throws IOException {
        Files.writeString(
                directory.resolve("layout.txt"),
                layout.entries().stream()
                        .map(entry -> entry.name() + " "
                                + entry.shape().stream().map(String::valueOf).collect(Collectors.joining(" ")) + "\n")
                        .collect(Collectors.joining()));
        new ObjectMapper()
                .writeValue(
                        directory.resolve("config.json").toFile(),
                        Map.of(
                                "resolution", sample.height(),
                                "latentSide", config.networks().latent().height(),
                                "encoder", config.encoder(),
                                "prior", config.prior(),
                                "decoder", config.decoder(),
                                "latentMinLogSnr", config.objective().latentMinLogSnr(),
                                "alpha0", model.latentNoise().level().alpha(),
                                "sigma0", model.latentNoise().level().sigma(),
                                "noiseSeed", noiseSeed));
        Files.write(directory.resolve("pixels.bin"), pixels);
        write(directory, "parameters", parameters);
        write(directory, "coefficients", coefficients);
        write(directory, "scalars", scalars);
        write(directory, "latent", latent);
        write(directory, "noisy", noisy);
    }

    private static void write(Path directory, String name, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(directory.resolve(name + ".bin"), bytes.array());
    }
}
