package io.unifiedlatents.core.stage;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.judge.HeldOut;
import io.unifiedlatents.core.judge.SamplesJudge;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.train.BaseObjective;
import io.unifiedlatents.core.train.Objective;
import java.util.Map;

/** The base model, on frozen latents (Unified Latents, Sec. 3.3); it is judged by its samples. */
final class BaseStage implements StageDefinition {
    @Override
    public StageName name() {
        return StageName.BASE;
    }

    @Override
    public Objective objective(RunConfig config) {
        return BaseObjective.of(
                StageDefinition.model(config), config.objective(), StageDefinition.dtype(config), config.seed());
    }

    @Override
    public void requireData(RunConfig config, Dataset images) {
        int classes = config.base().condition().classCount();
        int datasetClasses = images.manifest().classes().size();
        Check.setting(
                classes == 0 || classes == datasetClasses,
                "base.condition.classes is %d, but %s has %d classes; set it to as many, or base.condition.kind to none",
                classes,
                images.storage(),
                datasetClasses);
    }

    @Override
    public HeldOut.Judge judge(RunConfig config) {
        return new SamplesJudge(config);
    }

    @Override
    public Map<String, StageName> frozen(RunConfig config) {
        return Map.of(
                Exports.ENCODER,
                StageName.LATENTS,
                Exports.DECODER,
                config.sample().decoder());
    }
}
