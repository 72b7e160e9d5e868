package io.unifiedlatents.core.spark.cluster;

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
import org.jspecify.annotations.Nullable;

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
    public static final String ENCODER_HASH = "encoderHash";

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
     * The encoder that networks of this stage belong to: their own, or that of the latents they were trained on.
     *
     * @return SHA-256; null where the checkpoint does not say
     */
    @Nullable
    String encoderHash(Exports trained, RunConfig config, Configuration hadoop) throws IOException {
        return this == LATENTS
                ? trained.hash(Exports.ENCODER)
                : Checkpoints.at(directory(config, hadoop))
                        .manifest(trained.step())
                        .extra()
                        .get(ENCODER_HASH);
    }

    /**
     * Checks that networks of two stages belong to the same encoder.
     *
     * @throws ConfigException naming both encoders where they do not
     */
    public static void requireSameEncoder(
            Stage stage, Exports trained, Stage otherStage, Exports other, RunConfig config, Configuration hadoop)
            throws IOException {
        String one = stage.encoderHash(trained, config, hadoop);
        String two = otherStage.encoderHash(other, config, hadoop);
        if (one != null && two != null) {
            Check.setting(
                    one.equals(two),
                    "%s belongs to encoder %s and %s to encoder %s; train the older again, on latents of the newer encoder",
                    trained.directory(),
                    one,
                    other.directory(),
                    two);
        }
    }
}
