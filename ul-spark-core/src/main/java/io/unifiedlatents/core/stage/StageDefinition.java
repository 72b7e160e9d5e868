package io.unifiedlatents.core.stage;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.judge.HeldOut;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.train.Objective;
import java.util.Map;

/**
 * A stage of training: what it trains on which inputs, and how the result is judged while it trains. It says nothing of
 * where it runs. Its exports are the networks whose parameters its objective trains.
 */
public interface StageDefinition {
    /** Name in configs, folders and logs. */
    StageName name();

    /** The script that is trained, with its inputs and terms. */
    Objective objective(RunConfig config);

    /**
     * Checks what the stage asks of the data set that it trains on, beyond the shape of its samples.
     *
     * @throws io.unifiedlatents.core.config.ConfigException where it does not hold
     */
    default void requireData(RunConfig config, Dataset images) {}

    /** The evaluation of the moving average while it trains. */
    HeldOut.Judge judge(RunConfig config);

    /**
     * Networks that the evaluation takes and this stage does not train: the stage that each comes from, by the file of
     * {@link io.unifiedlatents.core.sample.Exports}.
     */
    Map<String, StageName> frozen(RunConfig config);

    /** Length and optimizer. */
    default StageConfig training(RunConfig config) {
        return config.training(name());
    }

    /** The definition of a stage. */
    static StageDefinition of(StageName name) {
        return switch (name) {
            case LATENTS -> new LatentsStage();
            case DECODER -> new DecoderStage();
            case BASE -> new BaseStage();
        };
    }

    /** The networks and noise schedules that a config describes. */
    static UnifiedLatents model(RunConfig config) {
        return UnifiedLatents.of(config.networks(), config.objective(), config.compute());
    }

    /** The element type that a config computes in. */
    static DType dtype(RunConfig config) {
        return DType.of(config.compute().dtype());
    }
}
