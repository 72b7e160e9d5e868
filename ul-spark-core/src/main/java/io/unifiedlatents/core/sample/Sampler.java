package io.unifiedlatents.core.sample;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;

/**
 * Pictures out of noise: the base model takes N(0, I) to a latent with its fixed noise still in it, the decoder takes
 * that to pixels (Unified Latents, Algorithm 2). All noise is a function of (seed, id).
 */
public final class Sampler implements AutoCloseable {
    private final long[] latent;
    private final IdNoise noise;
    private final float[] schedule;
    private final NDManager manager;
    private final Program base;
    private final PixelDecoder decoder;

    /** Loads base model and decoder. */
    public Sampler(UnifiedLatents model, NetworkSource source, Device device, long seed, SampleConfig config)
            throws IOException {
        this.latent = model.config().latentBatchShape();
        this.noise = new IdNoise(seed);
        this.schedule = DdimSchedule.toNoise(model.latentSchedule(), config.baseSteps());
        this.base = source.load(Exports.BASE, device);
        this.decoder = new PixelDecoder(model, source, device, seed, config.decoderSteps());
        this.manager = Torch.newManager(device);
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
        try (NDManager call = manager.newSubManager()) {
            Shape shape = new Shape(ids.length, latent[1], latent[2], latent[3]);
            NDArray start = noise.normal(call, "noise of the latent", ids, shape);
            NDArray z0 = base.call("sample", call, start, DdimSchedule.array(call, schedule))
                    .singletonOrThrow();
            return decoder.decode(call, ids, z0);
        }
    }

    /** The base model; stays owned by this. */
    public Program base() {
        return base;
    }

    @Override
    public void close() {
        base.close();
        decoder.close();
        manager.close();
    }
}
