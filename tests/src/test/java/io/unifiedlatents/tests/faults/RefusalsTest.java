package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.tests.TinyRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that is resumed with other settings by spark-submit, on two executors. */
@Tag("faults")
@Timeout(600)
class RefusalsTest {
    private static final int PORT = 29177;
    private static final int REFUSED = 2;

    @TempDir
    private static Path directory;

    private static Cluster cluster;

    @BeforeAll
    static void trainOnce() throws Exception {
        cluster = Cluster.start(directory.resolve("cluster"), PORT, 2);
        for (String job : List.of("PrepareImages", "TrainLatents")) {
            Submission done = submit(job);
            assertThat(done.exitCode()).as(done.output()).isZero();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static Submission submit(String job, String... options) throws Exception {
        List<String> all =
                new ArrayList<>(TinyRun.options(directory, directory.resolve("run"), "trainLatents.run.steps=20"));
        all.addAll(List.of(options));
        return cluster.submit(job, List.of("--conf", "spark.cores.max=2"), all);
    }

    private static void assertRefused(Submission submission, String... messages) throws Exception {
        assertThat(submission.exitCode()).as(submission.output()).isEqualTo(REFUSED);
        assertThat(submission.output()).contains(messages);
    }

    @Test
    void otherSettingsAreRefusedOrRecorded() throws Exception {
        assertRefused(
                submit("TrainLatents", "--set", "compute.norm=group", "--set", "seed=2"),
                "compute.norm: layer → group",
                "seed: 1 → 2",
                "trainLatents.run.startFrom=");
        assertRefused(
                submit("TrainLatents", "--set", "objective.lossFactor=2", "--set", "trainLatents.run.steps=25"),
                "objective.lossFactor: 1.5 → 2.0",
                "--change objective.lossFactor",
                "--change trainLatents.run.steps");
        assertRefused(submit("TrainLatents", "--change", "compute.norm"), "--change compute.norm (of kind identity)");
        assertRefused(submit("ExtractLatents", "--set", "compute.norm=group"), "compute.norm: layer → group");

        Submission changed = submit(
                "TrainLatents",
                "--set",
                "trainLatents.run.steps=25",
                "--set",
                "trainLatents.run.logEvery=1", // free: just applies
                "--change",
                "trainLatents.run.steps");
        assertThat(changed.exitCode()).as(changed.output()).isZero();
        JsonNode starts = new ObjectMapper()
                .readTree(directory.resolve("run/latents/run.json").toFile())
                .get("starts");
        assertThat(starts).hasSize(2); // refused ones are none
        assertThat(starts.get(1).get("step").asLong()).isEqualTo(20);
        assertThat(starts.get(1).get("changes").toString())
                .isEqualTo("[{\"key\":\"trainLatents.run.steps\",\"from\":20,\"to\":25}]");
        assertThat(starts.get(1).get("identityHash")).isEqualTo(starts.get(0).get("identityHash"));
    }

    @Test
    void weightsThatDoNotFitANewRunAreRefusedOrLeftOut() throws Exception {
        Path from;
        try (Stream<Path> checkpoints = Files.list(directory.resolve("run/latents/checkpoints"))) {
            from = checkpoints.max(Comparator.naturalOrder()).orElseThrow();
        }
        String[] wider = {
            "--set", "runDirectory=" + directory.resolve("wider"),
            "--set", "prior.width=32",
            "--set", "trainLatents.run.startFrom=" + from
        };
        assertRefused(
                submit("TrainLatents", wider),
                "run.startFrom=" + from + " does not fit the parameters that run.startFromNames='.*' names:",
                "has shape [16",
                "there and [32");
        List<String> part = new ArrayList<>(List.of(wider));
        part.addAll(List.of("--set", "trainLatents.run.startFromNames=(encoder|decoder)\\..*"));
        Submission started = submit("TrainLatents", part.toArray(String[]::new));
        assertThat(started.exitCode()).as(started.output()).isZero();
        assertThat(Files.readString(directory.resolve("wider/latents/run.json")))
                .contains(from.toString());
    }
}
