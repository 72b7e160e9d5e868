package io.unifiedlatents.tests;

import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs of the smallest model, the preset {@code tiny}, on the pictures of the quickstart at 16×16 pixels. */
public final class TinyRun {
    private static final String PRESET = "../ul-spark-core/src/test/resources/presets/tiny.yaml";

    /** Runs on a cluster take long enough for a fault to happen, and wait for what comes back. */
    private static final List<String> ON_CLUSTER = List.of(
            "cluster={ranks: 2, waitForSlotsSeconds: 120, stallSeconds: 60, peerTimeoutSeconds: 60, leaseSeconds: 5}",
            "prepare.rowsPerShard=64",
            "trainLatents.run={steps: 1500, checkpointEvery: 20, keepCheckpoints: 3, logEvery: 5}",
            "trainLatents.optimizer={learningRate: 1.0e-3, warmupSteps: 50}");

    private TinyRun() {}

    /**
     * The config of a run within the process of a test.
     *
     * @param shared path or URI of the directory of all runs of the test; their data set is {@code data} in it
     * @param run name of this run's directory below it
     * @param overrides {@code dotted.key=value} pairs that come last
     */
    public static RunConfig config(Object shared, String run, String... overrides) {
        return ConfigLoader.load(
                "tiny",
                "",
                Stream.concat(settings(shared, shared + "/" + run).stream(), Stream.of(overrides))
                        .toList());
    }

    /**
     * The options of a job that spark-submit starts.
     *
     * @param shared as for {@link #config}
     * @param runDirectory path or URI of the directory of this run
     * @param overrides {@code dotted.key=value} pairs that come last
     */
    public static List<String> options(Object shared, Object runDirectory, String... overrides) {
        List<String> options = new ArrayList<>(
                List.of("--config", Path.of(PRESET).toAbsolutePath().normalize().toString()));
        Stream.of(settings(shared, runDirectory), ON_CLUSTER, List.of(overrides))
                .flatMap(List::stream)
                .forEach(setting -> options.addAll(List.of("--set", setting)));
        return options;
    }

    private static List<String> settings(Object shared, Object runDirectory) {
        return List.of(
                "runDirectory=" + runDirectory,
                "model={height: 16, width: 16}",
                "prepare={height: 16, width: 16}",
                "prepare.source="
                        + Path.of("../deploy/quickstart-pictures")
                                .toAbsolutePath()
                                .normalize()
                                .toUri(),
                "prepare.output=" + shared + "/data",
                "data.train=" + shared + "/data/train",
                "data.validation=" + shared + "/data/validation");
    }
}
