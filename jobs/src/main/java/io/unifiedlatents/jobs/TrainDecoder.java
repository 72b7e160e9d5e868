package io.unifiedlatents.jobs;

import io.unifiedlatents.core.config.StageName;
import picocli.CommandLine.Command;

/** Stage 2 of the decoder, on frozen latents; refuses latents of another encoder. The same command again resumes. */
@Command(name = "TrainDecoder", description = "stage 2: the diffusion decoder, on frozen latents")
public final class TrainDecoder extends TrainingJob {
    TrainDecoder() {
        super(StageName.DECODER);
    }

    /** Entry point of spark-submit. */
    public static void main(String... arguments) {
        main(new TrainDecoder(), arguments);
    }
}
