package io.unifiedlatents.core.stage;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.judge.HeldOut;
import io.unifiedlatents.core.judge.ReconstructionsJudge;
import io.unifiedlatents.core.train.LatentsObjective;
import io.unifiedlatents.core.train.Objective;
import java.util.Map;

/** Encoder, prior and decoder, trained jointly (Unified Latents, Algorithm 1). */
final class LatentsStage implements StageDefinition {
    @Override
    public StageName name() {
        return StageName.LATENTS;
    }

    @Override
    public Objective objective(RunConfig config) {
        return LatentsObjective.of(
                StageDefinition.model(config), config.objective(), StageDefinition.dtype(config), config.seed());
    }

    @Override
    public HeldOut.Judge judge(RunConfig config) {
        return new ReconstructionsJudge(config);
    }

    @Override
    public Map<String, StageName> frozen(RunConfig config) {
        return Map.of();
    }
}
