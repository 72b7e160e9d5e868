package io.unifiedlatents.core.metrics;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.NetworkSource;
import io.unifiedlatents.core.sample.Sampler;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A base model at work: what held-out pictures cost under it, and a sample for each of them. */
final class BaseSamples implements AutoCloseable {
    private final int side;
    private final LatentBits bits;
    private final NDManager manager;
    private final Program encoder;
    private final Sampler sampler;

    BaseSamples(
            UnifiedLatents model,
            NetworkSource source,
            Device device,
            long seed,
            SampleConfig config,
            int timesPerImage)
            throws IOException {
        this.side = model.config().resolution();
        this.bits = new LatentBits(model, seed, timesPerImage);
        this.encoder = source.load(Exports.ENCODER, device);
        this.sampler = new Sampler(model, source, device, seed, config);
        this.manager = Torch.newManager(device);
    }

    /**
     * Judges a batch.
     *
     * @param numbers of the samples drawn
     * @param ids of held-out pictures
     * @param bytes their pixels, direct, uint8 [B, R, R, 3]
     * @return samples, and bits of the held-out pictures under the base model
     */
    Reconstructor.Result judge(List<Integer> numbers, String[] ids, ByteBuffer bytes) {
        double[] none = new double[ids.length];
        Arrays.fill(none, Double.NaN);
        byte[][] samples = sampler.sample(numbers.stream().map(Sampler::id).toArray(String[]::new));
        try (NDManager call = manager.newSubManager()) {
            NDArray pixels = call.create(bytes, new Shape(ids.length, side, side, 3), DataType.UINT8);
            NDArray z = encoder.call("encode", call, pixels).singletonOrThrow();
            return new Reconstructor.Result(samples, bits.perPixel(sampler.base(), call, ids, z), none);
        }
    }

    @Override
    public void close() {
        encoder.close();
        sampler.close();
        manager.close();
    }
}
