package io.unifiedlatents.core.spark;

import ai.djl.Device;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.metrics.Detector;
import io.unifiedlatents.core.metrics.HeldOut;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.train.Checkup;
import io.unifiedlatents.core.train.Objective;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
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
                name -> stage1(config, hadoop).directory().open(name),
                detector(config.evaluate().detector().file(), device, hadoop),
                (report, grid) -> {
                    directory.publish(grid(report.step()), grid);
                    ProgressPlugin.send(report);
                });
    }

    private static Exports stage1(RunConfig config, Configuration hadoop) throws IOException {
        return Exports.of(Stage.LATENTS.directory(config, hadoop), 0, config, Stage.LATENTS.objective(config));
    }

    private static HeldOut.@Nullable Features detector(String file, Device device, Configuration hadoop) {
        if (file.isEmpty()) {
            return null;
        }
        return (pictures, side) -> { // loaded for each batch, so that training has its memory
            Path path = new Path(file);
            try (InputStream in = path.getFileSystem(hadoop).open(path);
                    Detector detector = new Detector(in, device)) {
                return detector.features(pictures, side);
            }
        };
    }
}
