package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.train.DecoderObjective;
import io.unifiedlatents.core.train.LatentsObjective;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** The two stages of training and where each keeps its files below the run directory. */
public enum Stage {
    /** Encoder, prior and decoder, jointly. */
    LATENTS("stage1"),
    /** The decoder alone, on frozen latents. */
    DECODER("stage2");

    /** Where ExtractLatents writes, below the run directory. */
    public static final String LATENTS_DIRECTORY = "latents";

    private final String folder;

    Stage(String folder) {
        this.folder = folder;
    }

    /** The stage a config names by its folder, {@code stage1} or {@code stage2}. */
    public static Stage named(String folder) {
        for (Stage stage : values()) {
            if (stage.folder.equals(folder)) {
                return stage;
            }
        }
        throw new ConfigException(
                "there is no stage " + folder + ", only " + LATENTS.folder + " and " + DECODER.folder);
    }

    /** Length and optimizer of this stage. */
    public StageConfig config(RunConfig config) {
        return this == LATENTS ? config.trainLatents() : config.trainDecoder();
    }

    /** What this stage trains. */
    public Objective objective(RunConfig config) {
        UnifiedLatents model = UnifiedLatents.of(config.model(), config.objective(), config.compute());
        DType compute = DType.compute(config.compute().dtype());
        return this == LATENTS
                ? LatentsObjective.of(model, config.objective(), compute, config.seed())
                : DecoderObjective.of(model, config.objective(), compute, config.seed());
    }

    /** The directory of this stage. */
    public Storage directory(RunConfig config, Configuration hadoop) throws IOException {
        return Storage.at(config.runDirectory(), hadoop).directory(folder);
    }
}
