package io.unifiedlatents.core.judge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.Sampler;
import java.nio.ByteBuffer;
import java.util.List;

/** A base model at work: what held-out pictures cost under it, and a sample for each of them. */
final class BaseSamples {
    private final int side;
    private final LatentBits bits;
    private final LoadedNetworks networks;
    private final Sampler sampler;

    /** Takes encoder, base model and decoder of some networks. */
    BaseSamples(UnifiedLatents model, LoadedNetworks networks, long seed, SampleConfig config, int timesPerImage) {
        this.side = model.config().resolution();
        this.bits = new LatentBits(model, seed, timesPerImage);
        this.networks = networks;
        this.sampler = new Sampler(model, networks, seed, config);
    }

    /** Samples of these numbers, uint8 RGB row by row. */
    byte[][] sample(List<Integer> numbers) {
        return sampler.sample(numbers.stream().mapToLong(number -> number).toArray());
    }

    /**
     * Bits per pixel of held-out pictures under the base model.
     *
     * @param ids of the pictures
     * @param bytes their pixels, direct, uint8 [B, R, R, 3]
     */
    double[] bitsPerPixel(String[] ids, ByteBuffer bytes) {
        try (NDManager call = networks.newManager()) {
            NDArray pixels = call.create(bytes, new Shape(ids.length, side, side, 3), DataType.UINT8);
            NDArray z =
                    networks.get(Exports.ENCODER).call("encode", call, pixels).singletonOrThrow();
            return bits.perPixel(networks, Exports.BASE, call, ids, z);
        }
    }
}
