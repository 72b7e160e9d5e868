package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.model.UnifiedLatents;

/**
 * Pictures out of noise: the base model takes N(0, I) to a latent with its fixed noise still in it, the decoder takes
 * that to pixels (Unified Latents, Algorithm 2). All noise is a function of (seed, id).
 */
public final class Sampler {
    private final long[] latent;
    private final IdNoise noise;
    private final float[] schedule;
    private final LoadedNetworks networks;
    private final PixelDecoder decoder;

    /** Takes base model and decoder of some networks. */
    public Sampler(UnifiedLatents model, LoadedNetworks networks, long seed, SampleConfig config) {
        this.latent = model.config().latentBatchShape();
        this.noise = new IdNoise(seed);
        this.schedule = DdimSchedule.toNoise(model.latentSchedule(), config.baseSteps());
        this.networks = networks;
        this.decoder = new PixelDecoder(model, networks, seed, config.decoderSteps());
    }

    /** The name of a sample by its number. */
    public static String id(long number) {
        return String.format("sample-%09d", number);
    }

    /**
     * Samples a batch.
     *
     * @param ids of the samples, see {@link #id}
     * @return pictures, uint8 RGB row by row
     */
    public byte[][] sample(String[] ids) {
        try (NDManager call = networks.newManager()) {
            Shape shape = new Shape(ids.length, latent[1], latent[2], latent[3]);
            NDArray start = noise.normal(call, "noise of the latent", ids, shape);
            NDArray z0 = networks.get(Exports.BASE)
                    .call("sample", call, start, DdimSchedule.array(call, schedule))
                    .singletonOrThrow();
            return decoder.decode(call, ids, z0);
        }
    }
}
