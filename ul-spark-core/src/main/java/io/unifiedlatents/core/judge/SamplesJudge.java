package io.unifiedlatents.core.judge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.sample.Sampler;
import java.util.List;

/**
 * Measures the bits of held-out pictures under the base model, and draws as many samples, those that Sample would make
 * first.
 *
 * @param config of the run
 */
public record SamplesJudge(RunConfig config) implements HeldOut.Judge {
    @Override
    public List<String> networks() {
        return List.of(Exports.ENCODER, Exports.BASE, Exports.DECODER);
    }

    @Override
    public boolean makesSamples() {
        return true;
    }

    @Override
    public int latentSteps() {
        return config.sample().baseSteps();
    }

    @Override
    public int pixelSteps() {
        return config.sample().decoderSteps();
    }

    @Override
    public HeldOut.BatchJudge open(UnifiedLatents model, LoadedNetworks networks) {
        Sampler sampler = new Sampler(model, networks, config.seed(), config.sample());
        LatentBits bits = new LatentBits(model, config.seed(), config.evaluate().timesPerImage());
        return (indices, ids, pixels) -> {
            byte[][] samples =
                    sampler.sample(indices.stream().mapToLong(index -> index).toArray());
            try (NDManager call = networks.newManager()) {
                Shape shape = new Shape(model.config().sample().storedBatch(ids.length));
                NDArray bytes = call.create(pixels, shape, DataType.UINT8);
                NDArray z = networks.get(Exports.ENCODER)
                        .call("encode", call, bytes)
                        .singletonOrThrow();
                return new HeldOut.Judged(samples, bits.perPixel(networks, Exports.BASE, call, ids, z));
            }
        };
    }
}
