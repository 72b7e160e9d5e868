package io.unifiedlatents.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final RunConfig DEFAULTS = ConfigLoader.load("", "", List.of());

    private static JsonNode resource(String name) throws IOException {
        try (InputStream in = SettingsTest.class.getClassLoader().getResourceAsStream(name)) {
            return new YAMLMapper().readTree(in);
        }
    }

    private static void leaves(JsonNode section, String path, List<String> keys) {
        section.fields().forEachRemaining(field -> {
            if (field.getValue().isObject()) {
                leaves(field.getValue(), path + field.getKey() + ".", keys);
            } else {
                keys.add(path + field.getKey());
            }
        });
    }

    /** One config for each kind that a section may have, all others as by default. */
    private static List<RunConfig> everyVariant() throws IOException {
        List<RunConfig> configs = new ArrayList<>(List.of(DEFAULTS));
        resource("variants.yaml")
                .fields()
                .forEachRemaining(section -> section.getValue()
                        .fieldNames()
                        .forEachRemaining(kind ->
                                configs.add(ConfigLoader.load("", "", List.of(section.getKey() + ".kind=" + kind)))));
        return configs;
    }

    @Test
    void everyKeyOfTheDefaultsAndOfTheVariantsHasAKind() throws IOException {
        List<String> keys = new ArrayList<>();
        leaves(resource("defaults.yaml"), "", keys);
        resource("variants.yaml")
                .fields()
                .forEachRemaining(section ->
                        section.getValue().forEach(variant -> leaves(variant, section.getKey() + ".", keys)));
        TreeSet<String> declared = new TreeSet<>();
        for (RunConfig config : everyVariant()) {
            declared.addAll(Settings.of(config).keySet()); // throws where a key has no kind
        }
        assertThat(declared).containsExactlyInAnyOrderElementsOf(new TreeSet<>(keys));
        assertThat(keys).hasSizeGreaterThan(100);
    }

    @Test
    void kindsAndStagesAreThoseDeclared() {
        Map<String, String> expected = Map.ofEntries(
                Map.entry("seed", "IDENTITY []"),
                Map.entry("compute.norm", "IDENTITY []"),
                Map.entry("compute.dtype", "IDENTITY []"),
                Map.entry("compute.threads", "FREE []"),
                Map.entry("model.height", "IDENTITY []"),
                Map.entry("encoder.channels", "IDENTITY [latents]"),
                Map.entry("decoder.heads", "IDENTITY [latents, decoder]"),
                Map.entry("base.condition.kind", "IDENTITY [base]"),
                Map.entry("objective.latentMaxLogSnr", "IDENTITY []"),
                Map.entry("objective.lossFactor", "COURSE [latents]"),
                Map.entry("data.train", "FREE []"),
                Map.entry("data.windowGroups", "IDENTITY []"),
                Map.entry("trainBase.run.globalBatch", "COURSE [base]"),
                Map.entry("trainBase.run.microBatch", "IDENTITY [base]"),
                Map.entry("trainBase.run.streams", "IDENTITY [base]"),
                Map.entry("trainBase.run.logEvery", "FREE [base]"),
                Map.entry("trainLatents.optimizer.learningRate", "COURSE [latents]"),
                Map.entry("cluster.ranks", "FREE []"),
                Map.entry("cluster.gradientWire", "COURSE []"));
        Map<String, Settings.Entry> settings = Settings.of(DEFAULTS);
        Map<String, String> found = new TreeMap<>();
        settings.forEach((key, entry) -> found.put(key, entry.kind() + " " + entry.stages()));
        found.keySet().retainAll(expected.keySet());
        assertThat(found).containsExactlyInAnyOrderEntriesOf(expected);
    }

    @Test
    void changesAreOfTheirKindAndStage() {
        RunConfig other = ConfigLoader.load(
                "",
                "",
                List.of(
                        "compute.norm=group",
                        "objective.lossFactor=2",
                        "cluster.ranks=7",
                        "base.condition.kind=class",
                        "trainBase.run.steps=3"));
        assertThat(Settings.changes(DEFAULTS, other, Setting.Kind.IDENTITY, StageName.LATENTS))
                .hasToString("{compute.norm=compute.norm: layer → group}");
        assertThat(Settings.changes(DEFAULTS, other, Setting.Kind.COURSE, StageName.LATENTS))
                .containsOnlyKeys("objective.lossFactor");
        assertThat(Settings.changes(DEFAULTS, other, Setting.Kind.IDENTITY, StageName.BASE))
                .containsOnlyKeys("compute.norm", "base.condition.kind", "base.condition.classes");
        assertThat(Settings.changes(DEFAULTS, other, Setting.Kind.COURSE, StageName.BASE))
                .containsOnlyKeys("trainBase.run.steps", "base.condition.dropout");
        assertThat(Settings.changes(DEFAULTS, other, Setting.Kind.FREE, StageName.BASE))
                .containsOnlyKeys("cluster.ranks");
    }

    @Test
    void streamsAreFixedByTheFirstGlobalBatchUnlessTheyAreNamed() {
        RunConfig larger = ConfigLoader.load("", "", List.of("trainBase.run.globalBatch=128"));
        assertThat(Settings.changes(DEFAULTS, larger, Setting.Kind.IDENTITY, StageName.BASE))
                .containsOnlyKeys("trainBase.run.streams");
        RunConfig named =
                ConfigLoader.load("", "", List.of("trainBase.run.globalBatch=128", "trainBase.run.streams=4"));
        assertThat(Settings.changes(DEFAULTS, named, Setting.Kind.IDENTITY, StageName.BASE))
                .isEmpty();
        assertThat(named.trainBase().run().microBatchesPerStream()).isEqualTo(2);
    }
}
