package io.unifiedlatents.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.Settings;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.lease.WriterId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunIdentityTest {
    private static final String DIRECTORY = "/runs/a/latents";
    private static final Map<String, String> DATA = Map.of(RunIdentity.DATASET_HASH, "d1");

    private static RunConfig config(String... overrides) {
        return ConfigLoader.load("", "", List.of(overrides));
    }

    private static CheckpointManifest checkpoint(String script, RunConfig config) {
        return new CheckpointManifest(
                CheckpointManifest.FORMAT_VERSION,
                40,
                new WriterId(3, 2),
                0,
                Map.of(),
                0,
                "layout",
                List.of(),
                script,
                "identity",
                ConfigLoader.tree(config),
                DATA,
                List.of());
    }

    private static List<Settings.Change> resume(RunConfig now, String... confirmed) {
        return new RunIdentity(StageName.LATENTS, now, DATA)
                .requireResumable(checkpoint("s1", config()), "s1", Set.of(confirmed), DIRECTORY);
    }

    @Test
    void otherIdentityIsRefusedWithBothValuesAndTheWaysOut() {
        RunConfig other = config("compute.norm=group", "seed=2", "trainLatents.run.streams=1");
        assertThatThrownBy(() -> resume(other, "objective.lossFactor"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("the run in /runs/a/latents is at step 40")
                .hasMessageContaining(
                        "\n  compute.norm: layer → group\n  seed: 1 → 2\n  trainLatents.run.streams: 4 → 1\n")
                .hasMessageContaining("Set them back, name another runDirectory")
                .hasMessageContaining("trainLatents.run.startFrom=/runs/a/latents/checkpoints/step-000000000040-3.2");
    }

    @Test
    void otherDataAreRefused() {
        RunIdentity moved = new RunIdentity(StageName.LATENTS, config(), Map.of(RunIdentity.DATASET_HASH, "d2"));
        assertThatThrownBy(() -> moved.requireResumable(checkpoint("s1", config()), "s1", Set.of(), DIRECTORY))
                .hasMessageContaining("datasetHash: d1 → d2");
    }

    @Test
    void otherCourseMustBeConfirmed() {
        RunConfig other = config("objective.lossFactor=2", "trainLatents.run.steps=20000");
        assertThatThrownBy(() -> resume(other, "objective.lossFactor"))
                .hasMessageContaining("trainLatents.run.steps: 10000 → 20000")
                .hasMessageContaining("--change trainLatents.run.steps")
                .hasMessageNotContaining("lossFactor: ");
        assertThat(resume(other, "objective.lossFactor", "trainLatents.run.steps"))
                .extracting(Settings.Change::toString)
                .containsExactly("objective.lossFactor: 1.5 → 2.0", "trainLatents.run.steps: 10000 → 20000");
    }

    @Test
    void freeSettingsAndThoseOfOtherStagesJustApply() {
        assertThat(resume(
                        config("cluster.ranks=5", "trainLatents.run.logEvery=1", "base.widths=[8, 8]", "data.train=x")))
                .isEmpty();
    }

    @Test
    void onlyCourseSettingsCanBeConfirmed() {
        assertThatThrownBy(() -> resume(config(), "compute.norm"))
                .hasMessageContaining("--change compute.norm (of kind identity)");
        assertThatThrownBy(() -> resume(config(), "lossFactor")).hasMessageContaining("lossFactor (no setting)");
        assertThat(resume(config(), "objective.lossFactor")).isEmpty(); // the same command again
    }

    @Test
    void anotherTrainingScriptMustBeConfirmed() {
        RunIdentity same = new RunIdentity(StageName.LATENTS, config(), DATA);
        CheckpointManifest checkpoint = checkpoint("s1", config());
        assertThatThrownBy(() -> same.requireResumable(checkpoint, "s2", Set.of(), DIRECTORY))
                .hasMessageContaining("script: s1 → s2")
                .hasMessageContaining("--change script");
        assertThat(same.requireResumable(checkpoint, "s2", Set.of("script"), DIRECTORY))
                .hasSize(1);
        assertThat(same.requireResumable(checkpoint("", config()), "s2", Set.of(), DIRECTORY))
                .isEmpty(); // of format version 1, which has no hash
    }

    @Test
    void networksAreThoseOfTheSettingsThatDescribeThem() {
        CheckpointManifest trained = checkpoint("s1", config());
        RunIdentity.requireSameNetworks(
                trained, config("seed=9", "trainLatents.run.microBatch=8"), StageName.LATENTS, DIRECTORY);
        assertThatThrownBy(() -> RunIdentity.requireSameNetworks(
                        trained, config("objective.latentMaxLogSnr=6"), StageName.LATENTS, DIRECTORY))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("objective.latentMaxLogSnr: 5.0 → 6");
    }

    @Test
    void theHashIsOfIdentityAndDataAlone() {
        String hash = new RunIdentity(StageName.LATENTS, config(), DATA).hash();
        assertThat(new RunIdentity(StageName.LATENTS, config("objective.bias=1", "cluster.ranks=9"), DATA).hash())
                .isEqualTo(hash);
        assertThat(new RunIdentity(StageName.LATENTS, config("seed=2"), DATA).hash())
                .isNotEqualTo(hash);
        assertThat(new RunIdentity(StageName.LATENTS, config(), Map.of(RunIdentity.DATASET_HASH, "d2")).hash())
                .isNotEqualTo(hash);
    }
}
