package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageConfig;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.train.BaseObjective;
import io.unifiedlatents.core.train.DecoderObjective;
import io.unifiedlatents.core.train.LatentsObjective;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;

/** What is trained, and where each keeps its files below the run directory. */
public enum Stage {
    /** Stage 1: encoder, prior and decoder, jointly. */
    LATENTS("stage1"),
    /** Stage 2: the decoder alone, on frozen latents. */
    DECODER("stage2"),
    /** Stage 2: the base model, on frozen latents. */
    BASE("base");

    /** Where ExtractLatents writes, below the run directory. */
    public static final String LATENTS_DIRECTORY = "latents";

    /** What a checkpoint says of the latents it was trained on, among its extras. */
    static final String ENCODER_HASH = "encoderHash";

    private final String folder;

    Stage(String folder) {
        this.folder = folder;
    }

    /** The stage a config names by its folder, {@code stage1}, {@code stage2} or {@code base}. */
    public static Stage named(String folder) {
        for (Stage stage : values()) {
            if (stage.folder.equals(folder)) {
                return stage;
            }
        }
        throw new ConfigException("there is no stage " + folder + ", only "
                + Arrays.stream(values()).map(stage -> stage.folder).toList());
    }

    /** Length and optimizer of this stage. */
    public StageConfig config(RunConfig config) {
        return switch (this) {
            case LATENTS -> config.trainLatents();
            case DECODER -> config.trainDecoder();
            case BASE -> config.trainBase();
        };
    }

    /** What this stage trains. */
    public Objective objective(RunConfig config) {
        UnifiedLatents model = UnifiedLatents.of(config.model(), config.objective(), config.compute());
        DType compute = DType.compute(config.compute().dtype());
        return switch (this) {
            case LATENTS -> LatentsObjective.of(model, config.objective(), compute, config.seed());
            case DECODER -> DecoderObjective.of(model, config.objective(), compute, config.seed());
            case BASE -> BaseObjective.of(model, config.objective(), compute, config.seed());
        };
    }

    /** The directory of this stage. */
    public Storage directory(RunConfig config, Configuration hadoop) throws IOException {
        return Storage.at(config.runDirectory(), hadoop).directory(folder);
    }

    /**
     * The networks of a checkpoint of this stage, exported now where they are not yet.
     *
     * @param step of the checkpoint; 0 for the newest
     */
    public Exports exports(RunConfig config, long step, Configuration hadoop) throws IOException {
        return Exports.of(directory(config, hadoop), step, config, objective(config));
    }

    /**
     * Checks that networks of this stage were trained on latents of this encoder.
     *
     * @param trained networks of this stage
     * @throws ConfigException naming both encoders where they are not
     */
    void requireEncoder(Exports trained, Exports encoder, RunConfig config, Configuration hadoop) throws IOException {
        String wanted = Checkpoints.at(directory(config, hadoop))
                .manifest(trained.step())
                .extra()
                .getOrDefault(ENCODER_HASH, encoder.hash(Exports.ENCODER)); // stage 1 has one of its own
        Check.setting(
                wanted.equals(encoder.hash(Exports.ENCODER)),
                "%s, step %d, was trained on latents of encoder %s, the encoder of %s (step %d) is %s; train it again on"
                        + " latents of this one",
                trained.directory(),
                trained.step(),
                wanted,
                encoder.directory(),
                encoder.step(),
                encoder.hash(Exports.ENCODER));
    }
}
