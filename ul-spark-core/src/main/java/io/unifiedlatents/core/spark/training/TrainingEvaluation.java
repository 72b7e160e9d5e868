package io.unifiedlatents.core.spark.training;

import ai.djl.Device;
import io.unifiedlatents.core.config.ClipEvaluationConfig;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.judge.HeldOut;
import io.unifiedlatents.core.lease.Fence;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.metrics.detector.FeatureExtractor;
import io.unifiedlatents.core.metrics.detector.FeatureStream;
import io.unifiedlatents.core.metrics.features.ClipFrames;
import io.unifiedlatents.core.metrics.features.FeatureWriter;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.stage.StageDefinition;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.train.Checkup;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The evaluation within training. Rank 0 puts the grid into the directory of the stage and tells the driver, which
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
    static Map<String, Exports> frozen(StageDefinition stage, RunDirectory run) throws IOException {
        RunConfig config = run.config();
        Map<String, Exports> frozen = new HashMap<>();
        if (stage.training(config).run().evaluateEvery() == 0) {
            return frozen;
        }
        Map<StageName, Exports> exports = new EnumMap<>(StageName.class);
        try {
            for (Map.Entry<String, StageName> network : stage.frozen(config).entrySet()) {
                StageName owner = network.getValue();
                if (!exports.containsKey(owner)) {
                    exports.put(owner, run.exports(owner, 0));
                }
                frozen.put(network.getKey(), exports.get(owner));
            }
            for (Map.Entry<StageName, Exports> one : exports.entrySet()) {
                for (Map.Entry<StageName, Exports> other : exports.entrySet()) {
                    run.requireSameEncoder(one.getKey(), one.getValue(), other.getKey(), other.getValue());
                }
            }
        } catch (ConfigException e) {
            throw new ConfigException("evaluation while " + stage.name() + " is trained takes " + stage.frozen(config)
                    + ": " + e.getMessage() + "; or set run.evaluateEvery of this stage to 0");
        }
        return frozen;
    }

    /** The evaluation that a config asks for, on one rank. */
    static Checkup of(
            StageDefinition stage,
            RunNetworks frozen,
            WriterId writer,
            Objective objective,
            Device device,
            Configuration hadoop)
            throws IOException {
        RunConfig config = frozen.config();
        int every = stage.training(config).run().evaluateEvery();
        if (every == 0) {
            return Checkup.never();
        }
        Storage directory = new RunDirectory(config, hadoop).stage(stage.name());
        return new HeldOut(
                config,
                objective,
                stage.judge(config),
                every,
                Dataset.open(Storage.at(config.data().validation(), hadoop)),
                device,
                name -> frozen.open(name, hadoop),
                detector(config.evaluate(), device, hadoop),
                (report, grid) -> {
                    new Fence(directory, writer).check();
                    directory.publish(grid(report.step()), grid);
                    ProgressPlugin.send(report);
                });
    }

    private static HeldOut.@Nullable FeatureSource detector(
            EvaluateConfig config, Device device, Configuration hadoop) {
        if (config.detector().file().isEmpty()) {
            return null;
        }
        return (pictures, shape) -> { // loaded each time, so that training has its memory
            try (FeatureExtractor extractor = FeatureWriter.extractor(config, device, hadoop)) {
                List<float[]> features = new ArrayList<>();
                FeatureStream stream = extractor.stream((vector, logits, spatial) -> features.add(vector));
                for (int i = 0; i < pictures.length; i++) {
                    add(stream, "picture " + i, Rgb.of(shape, pictures[i]), shape.frames(), config.clips());
                }
                stream.flush();
                return features.toArray(new float[0][]);
            }
        };
    }

    private static void add(FeatureStream stream, String id, Rgb sample, int frames, ClipEvaluationConfig clips) {
        if (frames == 1) {
            stream.add(id, sample);
        } else {
            stream.add(id, ClipFrames.of(id, sample, frames, clips));
        }
    }
}
