package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.StageName;
import picocli.CommandLine.Command;

/** Stage 1: encoder, prior and decoder trained jointly, data-parallel. The same command again resumes. */
@Command(name = "TrainLatents", description = "stage 1: encoder, prior and decoder, jointly")
public final class TrainLatents extends TrainingJob {
    TrainLatents() {
        super(StageName.LATENTS);
    }

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new TrainLatents(), arguments);
    }
}
