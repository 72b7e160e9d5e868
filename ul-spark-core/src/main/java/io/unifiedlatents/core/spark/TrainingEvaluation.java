package io.unifiedlatents.core.spark;

import ai.djl.Device;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.metrics.FeatureExtractor;
import io.unifiedlatents.core.metrics.FeatureStream;
import io.unifiedlatents.core.metrics.FeatureWriter;
import io.unifiedlatents.core.metrics.HeldOut;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.train.Checkup;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What training evaluates on the way. Rank 0 puts the grid into the directory of the stage and tells the driver, which
 * takes it from there: a picture is too large for a message.
 */
final class TrainingEvaluation {
    private TrainingEvaluation() {}

    /** File of the grid after a step, below the directory of the stage. */
    static String grid(long step) {
        return String.format("evaluation/step-%012d.png", step);
    }

    /** The evaluation that a config asks for, on one rank. */
    static Checkup of(Stage stage, RunConfig config, Objective objective, Device device, Configuration hadoop)
            throws IOException {
        int every = stage.config(config).run().evaluateEvery();
        if (every == 0) {
            return Checkup.never();
        }
        Storage directory = stage.directory(config, hadoop);
        return new HeldOut(
                config,
                objective,
                every,
                Dataset.open(Storage.at(config.data().validation(), hadoop)),
                device,
                name -> frozen(name, config, hadoop).directory().open(name),
                detector(config.evaluate(), device, hadoop),
                (report, grid) -> {
                    directory.publish(grid(report.step()), grid);
                    ProgressPlugin.send(report);
                });
    }

    /** The export that has a network: the decoder is that which samples are made with, the others are of stage 1. */
    private static Exports frozen(String name, RunConfig config, Configuration hadoop) throws IOException {
        Stage stage = name.equals(Exports.DECODER) ? Stage.named(config.sample().decoder()) : Stage.LATENTS;
        return stage.exports(config, 0, hadoop);
    }

    private static HeldOut.@Nullable FeatureSource detector(
            EvaluateConfig config, Device device, Configuration hadoop) {
        if (config.detector().file().isEmpty()) {
            return null;
        }
        return (pictures, side) -> { // loaded each time, so that training has its memory
            try (FeatureExtractor extractor = FeatureWriter.extractor(config, device, hadoop)) {
                List<float[]> features = new ArrayList<>();
                FeatureStream stream = extractor.stream((vector, logits, spatial) -> features.add(vector));
                for (int i = 0; i < pictures.length; i++) {
                    stream.add("picture " + i, new Rgb(side, side, pictures[i]));
                }
                stream.flush();
                return features.toArray(new float[0][]);
            }
        };
    }
}
