package io.unifiedlatents.core.metrics;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.random.Seeds;
import io.unifiedlatents.core.sample.DdimSchedule;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Exported networks at work on pictures: encode, add the fixed noise, decode by the sampler; bits of the latent under
 * the prior. All noise is drawn for each picture from (seed, id), so no figure depends on batch or partition.
 */
public final class Reconstructor implements AutoCloseable {
    private static final float HALF_RANGE = 127.5f;

    private final UnifiedLatents model;
    private final long seed;
    private final float[] schedule;
    private final int timesPerImage;
    private final NDManager manager;
    private final Program encoder;
    private final Program prior;
    private final Program decoder;

    /** Opens exported networks. */
    public interface Source {
        /** The file of this name, closed by the receiver. */
        InputStream open(String name) throws IOException;
    }

    /**
     * Loads the networks.
     *
     * @param samplerSteps denoising steps of a reconstruction
     * @param timesPerImage noise levels drawn for each picture's bits, stratified
     */
    public Reconstructor(
            UnifiedLatents model, Source source, Device device, long seed, int samplerSteps, int timesPerImage)
            throws IOException {
        this.model = model;
        this.seed = seed;
        this.timesPerImage = timesPerImage;
        this.schedule = DdimSchedule.rows(model.pixelSchedule(), samplerSteps);
        this.encoder = load(source, Exports.ENCODER, device);
        this.prior = load(source, Exports.PRIOR, device);
        this.decoder = load(source, Exports.DECODER, device);
        this.manager = Torch.newManager(device);
    }

    private static Program load(Source source, String name, Device device) throws IOException {
        try (InputStream in = source.open(name)) {
            return Program.load(in, device);
        }
    }

    /**
     * Reconstructions and bits of a batch.
     *
     * @param pixels uint8 RGB pictures, one after the other
     * @param bitsPerPixel prior's bound of each picture, in bits per pixel
     */
    public record Result(byte[][] pixels, double[] bitsPerPixel) {}

    /**
     * Encodes and decodes a batch.
     *
     * @param ids of the pictures, for their noise
     * @param bytes direct, uint8 [B, R, R, 3]
     */
    public Result reconstruct(String[] ids, ByteBuffer bytes) {
        int batch = ids.length;
        long side = model.config().resolution();
        try (NDManager call = manager.newSubManager()) {
            NDArray input = call.create(bytes, new Shape(batch, side, side, 3), DataType.UINT8);
            NDArray z = encoder.call("encode", call, input).singletonOrThrow();
            NoiseLevel fixed = model.latentNoise();
            NDArray z0 = z.mul(fixed.alpha())
                    .add(noise(call, "noise of z0", ids, z.getShape()).mul(fixed.sigma()));
            NDArray noise = noise(call, "noise of pixels", ids, new Shape(batch, 3, side, side));
            Shape rows = new Shape(schedule.length / DdimSchedule.COLUMNS, DdimSchedule.COLUMNS);
            NDArray steps = call.create(schedule, rows);
            float[] decoded = decoder.call("sample", call, z0, noise, steps)
                    .singletonOrThrow()
                    .toFloatArray(); // [B, 3, R, R]
            return new Result(toBytes(decoded, batch), bits(call, ids, z));
        }
    }

    private double[] bits(NDManager call, String[] ids, NDArray z) {
        double[] bits = new double[ids.length];
        for (int k = 0; k < timesPerImage; k++) {
            float[] rows = new float[4 * ids.length];
            for (int i = 0; i < ids.length; i++) {
                double offset = Seeds.unitInterval(Seeds.of(seed, "time of " + ids[i]));
                NoiseLevel level = model.latentSchedule().at((k + offset) / timesPerImage);
                rows[4 * i] = (float) level.alpha();
                rows[4 * i + 1] = (float) level.sigma();
                rows[4 * i + 2] = (float) level.logSnr();
                rows[4 * i + 3] = (float) level.velocityWeight(Weighting.elbo());
            }
            NDArray noise = noise(call, "noise " + k + " of the prior", ids, z.getShape());
            NDArray levels = call.create(rows, new Shape(ids.length, 4));
            float[] nats = prior.call("nats", call, z, noise, levels)
                    .singletonOrThrow()
                    .toFloatArray();
            for (int i = 0; i < ids.length; i++) {
                bits[i] += nats[i] * Bits.perPixel(model.config().resolution()) / timesPerImage;
            }
        }
        return bits;
    }

    private NDArray noise(NDManager call, String purpose, String[] ids, Shape shape) {
        int values = Math.toIntExact(shape.size() / ids.length);
        float[] noise = new float[ids.length * values];
        for (int i = 0; i < ids.length; i++) {
            SplittableRandom random = new SplittableRandom(Seeds.of(seed, purpose + " of " + ids[i]));
            for (int k = 0; k < values; k++) {
                noise[i * values + k] = (float) random.nextGaussian();
            }
        }
        return call.create(noise, shape);
    }

    /** [B, 3, R, R] in [−1, 1] → B pictures, uint8 RGB row by row. */
    private byte[][] toBytes(float[] decoded, int batch) {
        int plane = model.config().resolution() * model.config().resolution();
        byte[][] pictures = new byte[batch][3 * plane];
        for (int i = 0; i < batch; i++) {
            for (int p = 0; p < plane; p++) {
                for (int c = 0; c < 3; c++) {
                    float value = (decoded[(i * 3 + c) * plane + p] + 1) * HALF_RANGE;
                    pictures[i][p * 3 + c] = (byte) Math.max(0, Math.min(255, Math.round(value)));
                }
            }
        }
        return pictures;
    }

    @Override
    public void close() {
        encoder.close();
        prior.close();
        decoder.close();
        manager.close();
    }
}
