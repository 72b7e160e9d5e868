package io.unifiedlatents.core.stage;

import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.checkpoint.RunIdentity;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The folders of a run. Each stage has one by its name, which holds checkpoints, exports, logs and evaluations; those
 * of runs that version 0.1 began are found under their former names.
 *
 * @param config of the run
 * @param hadoop settings of the file system
 */
public record RunDirectory(RunConfig config, Configuration hadoop) {
    /** Folder of the extracted latents, below that of the stage that trained their encoder. */
    private static final String DATASET = "dataset";

    /** Folder of the extracted latents in version 0.1, below the run directory. */
    private static final String FORMER_DATASET = "latents";

    private Storage root() throws IOException {
        return Storage.at(config.runDirectory(), hadoop);
    }

    /** The folder of a stage. */
    public Storage stage(StageName stage) throws IOException {
        Storage root = root();
        return root.directory(root.exists(stage.formerFolder()) ? stage.formerFolder() : stage.toString());
    }

    /** The data set of extracted latents. */
    public Storage latents() throws IOException {
        Storage former = root().directory(FORMER_DATASET);
        return former.exists(DatasetManifest.NAME)
                ? former
                : stage(StageName.LATENTS).directory(DATASET);
    }

    /**
     * The networks of a checkpoint of a stage, exported now where they are not yet.
     *
     * @param step of the checkpoint; 0 for the newest
     */
    public Exports exports(StageName stage, long step) throws IOException {
        return Exports.of(
                stage(stage), step, config, stage, StageDefinition.of(stage).objective(config));
    }

    /** The checkpoint that networks were exported from. */
    private CheckpointManifest checkpoint(StageName stage, Exports trained) throws IOException {
        return Checkpoints.at(stage(stage)).manifest(trained.step());
    }

    /**
     * The encoder that networks belong to: their own, or that of the latents they were trained on.
     *
     * @return SHA-256; null where the checkpoint does not say
     */
    private @Nullable String encoderHash(StageName stage, Exports trained) throws IOException {
        return stage == StageName.LATENTS
                ? trained.hash(Exports.ENCODER)
                : checkpoint(stage, trained).extra().get(RunIdentity.ENCODER_HASH);
    }

    /**
     * Checks that networks of two stages belong to the same encoder.
     *
     * @throws io.unifiedlatents.core.config.ConfigException naming both encoders where they do not
     */
    public void requireSameEncoder(StageName stage, Exports trained, StageName otherStage, Exports other)
            throws IOException {
        String one = encoderHash(stage, trained);
        String two = encoderHash(otherStage, other);
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
