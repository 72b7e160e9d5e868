package io.unifiedlatents.core.spark.training;

import ai.djl.Device;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.judge.HeldOut;
import io.unifiedlatents.core.metrics.detector.FeatureExtractor;
import io.unifiedlatents.core.metrics.detector.FeatureStream;
import io.unifiedlatents.core.metrics.features.FeatureWriter;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.cluster.Stage;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.train.Checkup;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /**
     * The networks that it takes and this stage does not train: chosen once, by the driver, so that all evaluations of
     * a job take the same.
     *
     * @throws io.unifiedlatents.core.config.ConfigException where they are not there or do not belong together
     */
    static Map<String, Exports> frozen(Stage stage, RunConfig config, Configuration hadoop) throws IOException {
        if (stage == Stage.LATENTS || stage.config(config).run().evaluateEvery() == 0) {
            return Map.of();
        }
        Exports stage1 = Stage.LATENTS.exports(config, 0, hadoop);
        if (stage == Stage.DECODER) {
            return Map.of(Exports.ENCODER, stage1, Exports.PRIOR, stage1);
        }
        Stage decoderStage = Stage.named(config.sample().decoder());
        Exports decoder;
        try {
            decoder = decoderStage.exports(config, 0, hadoop);
            Stage.requireSameEncoder(decoderStage, decoder, Stage.LATENTS, stage1, config, hadoop);
        } catch (ConfigException e) {
            throw new ConfigException(
                    "sample.decoder=" + config.sample().decoder() + ", by which evaluation in training"
                            + " draws samples: " + e.getMessage() + "; or choose another sample.decoder, or set"
                            + " trainBase.run.evaluateEvery to 0");
        }
        return Map.of(Exports.ENCODER, stage1, Exports.DECODER, decoder);
    }

    /** The evaluation that a config asks for, on one rank. */
    static Checkup of(Stage stage, RunNetworks frozen, Objective objective, Device device, Configuration hadoop)
            throws IOException {
        RunConfig config = frozen.config();
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
                name -> frozen.open(name, hadoop),
                detector(config.evaluate(), device, hadoop),
                (report, grid) -> {
                    directory.publish(grid(report.step()), grid);
                    ProgressPlugin.send(report);
                });
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
