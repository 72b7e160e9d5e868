package io.unifiedlatents.core.metrics;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.IdNoise;
import io.unifiedlatents.core.sample.NetworkSource;
import io.unifiedlatents.core.sample.PixelDecoder;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Exported networks at work on pictures: encode, add the fixed noise, decode by the sampler; bits of the latent under
 * the prior and the base model. All noise is drawn for each picture from (seed, id), so no figure depends on batch or
 * partition.
 */
public final class Reconstructor implements AutoCloseable {
    private final UnifiedLatents model;
    private final IdNoise noise;
    private final LatentBits bits;
    private final NDManager manager;
    private final Program encoder;
    private final Program prior;
    private final @Nullable Program base;
    private final PixelDecoder decoder;

    /**
     * Loads the networks.
     *
     * @param samplerSteps denoising steps of a reconstruction
     * @param timesPerImage noise levels drawn for each picture's bits, stratified
     * @param withBase whether bits under the base model are measured, too
     */
    public Reconstructor(
            UnifiedLatents model,
            NetworkSource source,
            Device device,
            long seed,
            int samplerSteps,
            int timesPerImage,
            boolean withBase)
            throws IOException {
        this.model = model;
        this.noise = new IdNoise(seed);
        this.bits = new LatentBits(model, seed, timesPerImage);
        this.encoder = source.load(Exports.ENCODER, device);
        this.prior = source.load(Exports.PRIOR, device);
        this.base = withBase ? source.load(Exports.BASE, device) : null;
        this.decoder = new PixelDecoder(model, source, device, seed, samplerSteps);
        this.manager = Torch.newManager(device);
    }

    /**
     * Reconstructions and bits of a batch.
     *
     * @param pixels uint8 RGB pictures, one after the other
     * @param bitsPerPixel prior's bound of each picture, in bits per pixel
     * @param baseBitsPerPixel the base model's; NaN where it is not measured
     */
    public record Result(byte[][] pixels, double[] bitsPerPixel, double[] baseBitsPerPixel) {}

    /**
     * Encodes and decodes a batch.
     *
     * @param ids of the pictures, for their noise
     * @param bytes direct, uint8 [B, R, R, 3]
     */
    public Result reconstruct(String[] ids, ByteBuffer bytes) {
        long side = model.config().resolution();
        try (NDManager call = manager.newSubManager()) {
            NDArray input = call.create(bytes, new Shape(ids.length, side, side, 3), DataType.UINT8);
            NDArray z = encoder.call("encode", call, input).singletonOrThrow();
            NoiseLevel fixed = model.latentNoise();
            NDArray z0 = z.mul(fixed.alpha())
                    .add(noise.normal(call, "noise of z0", ids, z.getShape()).mul(fixed.sigma()));
            double[] none = new double[ids.length];
            Arrays.fill(none, Double.NaN);
            return new Result(
                    decoder.decode(call, ids, z0),
                    bits.perPixel(prior, call, ids, z),
                    base == null ? none : bits.perPixel(base, call, ids, z));
        }
    }

    @Override
    public void close() {
        encoder.close();
        prior.close();
        if (base != null) {
            base.close();
        }
        decoder.close();
        manager.close();
    }
}
