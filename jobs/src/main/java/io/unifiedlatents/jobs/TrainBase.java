package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.StageName;
import picocli.CommandLine.Command;

/** Stage 2 of the base model, on frozen latents; refuses latents of another encoder. The same command again resumes. */
@Command(name = "TrainBase", description = "stage 2: the base model that samples are drawn from, on frozen latents")
public final class TrainBase extends TrainingJob {
    TrainBase() {
        super(StageName.BASE);
    }

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new TrainBase(), arguments);
    }
}
