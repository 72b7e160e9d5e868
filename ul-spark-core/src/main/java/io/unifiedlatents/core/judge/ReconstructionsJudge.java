package io.unifiedlatents.core.judge;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.sample.LoadedNetworks;
import java.util.List;

/**
 * Reconstructs held-out pictures, and measures their bits under the prior.
 *
 * @param config of the run
 */
public record ReconstructionsJudge(RunConfig config) implements HeldOut.Judge {
    @Override
    public List<String> networks() {
        return List.of(Exports.ENCODER, Exports.PRIOR, Exports.DECODER);
    }

    @Override
    public boolean makesSamples() {
        return false;
    }

    @Override
    public int latentSteps() {
        return 0;
    }

    @Override
    public int pixelSteps() {
        return config.evaluate().training().samplerSteps();
    }

    @Override
    public HeldOut.BatchJudge open(UnifiedLatents model, LoadedNetworks networks) {
        Reconstructor reconstructor = new Reconstructor(
                model,
                networks,
                config.seed(),
                config.evaluate().sampler(),
                pixelSteps(),
                config.evaluate().timesPerImage());
        return (indices, ids, pixels) -> {
            Reconstructor.Result result = reconstructor.reconstruct(ids, pixels);
            return new HeldOut.Judged(result.pixels(), result.bitsPerPixel());
        };
    }
}
