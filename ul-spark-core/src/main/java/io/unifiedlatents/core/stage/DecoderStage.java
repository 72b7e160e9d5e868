package io.unifiedlatents.core.stage;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.judge.HeldOut;
import io.unifiedlatents.core.judge.ReconstructionsJudge;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.train.DecoderObjective;
import io.unifiedlatents.core.train.Objective;
import java.util.Map;

/** A decoder alone, on frozen latents (Unified Latents, Sec. 3.3). */
final class DecoderStage implements StageDefinition {
    @Override
    public StageName name() {
        return StageName.DECODER;
    }

    @Override
    public Objective objective(RunConfig config) {
        return DecoderObjective.of(
                StageDefinition.model(config), config.objective(), StageDefinition.dtype(config), config.seed());
    }

    @Override
    public HeldOut.Judge judge(RunConfig config) {
        return new ReconstructionsJudge(config);
    }

    @Override
    public Map<String, StageName> frozen(RunConfig config) {
        return Map.of(Exports.ENCODER, StageName.LATENTS, Exports.PRIOR, StageName.LATENTS);
    }
}
