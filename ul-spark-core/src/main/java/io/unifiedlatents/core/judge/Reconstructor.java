package io.unifiedlatents.core.judge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SamplerKind;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.IdNoise;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.NoisyLatents;
import io.unifiedlatents.core.sample.PixelDecoder;
import java.nio.ByteBuffer;
import java.util.stream.DoubleStream;

/**
 * Exported networks at work on pictures: encode, add the fixed noise, decode by the sampler; bits of the latent under
 * the prior and the base model. All noise is drawn for each picture from (seed, id), so no figure depends on batch or
 * partition.
 */
public final class Reconstructor {
    private final UnifiedLatents model;
    private final IdNoise noise;
    private final LatentBits bits;
    private final LoadedNetworks networks;
    private final NoisyLatents noisyLatents;
    private final PixelDecoder decoder;

    /**
     * Takes encoder, prior and decoder of some networks, and a base model where they have one.
     *
     * @param sampler method of reconstructions
     * @param samplerSteps denoising steps of a reconstruction
     * @param timesPerImage noise levels drawn for each picture's bits, stratified
     */
    public Reconstructor(
            UnifiedLatents model,
            LoadedNetworks networks,
            long seed,
            SamplerKind sampler,
            int samplerSteps,
            int timesPerImage) {
        this.model = model;
        this.noise = new IdNoise(seed);
        this.bits = new LatentBits(model, seed, timesPerImage);
        this.networks = networks;
        this.noisyLatents = new NoisyLatents(model, networks);
        this.decoder = new PixelDecoder(model, networks, seed, sampler, samplerSteps);
    }

    /**
     * Reconstructions and bits of a batch.
     *
     * @param pixels uint8 RGB pictures, one after the other
     * @param bitsPerPixel prior's bound of each picture, in bits per pixel
     * @param baseBitsPerPixel the base model's; NaN where there is none
     */
    public record Result(byte[][] pixels, double[] bitsPerPixel, double[] baseBitsPerPixel) {}

    /**
     * Encodes and decodes a batch.
     *
     * @param ids of the pictures, for their noise
     * @param bytes direct, uint8 [B, H, W, 3]
     */
    public Result reconstruct(String[] ids, ByteBuffer bytes) {
        try (NDManager call = networks.newManager()) {
            NDArray input =
                    call.create(bytes, new Shape(model.config().sample().storedBatch(ids.length)), DataType.UINT8);
            NDArray z =
                    networks.get(Exports.ENCODER).call("encode", call, input).singletonOrThrow();
            NDArray z0 = noisyLatents.of(call, z, noise.normal(call, "noise of z0", ids, z.getShape()));
            return new Result(
                    decoder.decode(call, ids, z0),
                    bits.perPixel(networks, Exports.PRIOR, call, ids, z),
                    networks.has(Exports.BASE)
                            ? bits.perPixel(networks, Exports.BASE, call, ids, z)
                            : DoubleStream.generate(() -> Double.NaN)
                                    .limit(ids.length)
                                    .toArray());
        }
    }
}
