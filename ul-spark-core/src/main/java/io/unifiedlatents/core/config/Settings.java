package io.unifiedlatents.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The settings of a config one by one, with the kinds that {@link Setting} declares. */
public final class Settings {
    private Settings() {}

    /**
     * One setting.
     *
     * @param kind how it may change when a run is resumed
     * @param stages stages whose training it concerns; empty for all
     * @param value as in the config file
     */
    public record Entry(Setting.Kind kind, List<StageName> stages, JsonNode value) {
        boolean concerns(StageName stage) {
            return stages.isEmpty() || stages.contains(stage);
        }
    }

    /**
     * A setting with another value than before.
     *
     * @param key dotted path
     * @param from value before
     * @param to value now
     */
    public record Change(String key, JsonNode from, JsonNode to) {
        /** A change of something that is recorded as text. */
        public static Change of(String key, String from, String to) {
            return new Change(key, TextNode.valueOf(from), TextNode.valueOf(to));
        }

        /** The change as text, such as {@code compute.norm: layer → group}. */
        @Override
        public String toString() {
            return key + ": " + text(from) + " → " + text(to);
        }

        private static String text(JsonNode value) {
            return value.isTextual() ? value.asText() : value.toString();
        }
    }

    /**
     * All settings of a config by their dotted keys, in the order of the config file.
     *
     * @throws IllegalStateException if one has no kind
     */
    public static Map<String, Entry> of(RunConfig config) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        Declared.forEach((ObjectNode) ConfigLoader.tree(config), setting -> {
            Setting kind = setting.nearest(Setting.class);
            Stages stages = setting.nearest(Stages.class);
            if (kind == null) {
                throw new IllegalStateException(setting.key() + " declares no kind; annotate it with @Setting");
            }
            List<StageName> concerned = stages == null ? List.of() : List.of(stages.value());
            entries.put(setting.key(), new Entry(kind.value(), concerned, setting.value()));
        });
        return entries;
    }

    /** The settings of one kind that differ between two configs and concern a stage, by their keys. */
    public static Map<String, Change> changes(RunConfig before, RunConfig now, Setting.Kind kind, StageName stage) {
        Map<String, Entry> old = of(before, kind, stage);
        Map<String, Entry> current = of(now, kind, stage);
        Map<String, Change> changes = new TreeMap<>();
        old.forEach((key, entry) -> changes.put(key, new Change(key, entry.value(), absent())));
        current.forEach((key, entry) -> changes.merge(
                key, new Change(key, absent(), entry.value()), (a, b) -> new Change(key, a.from(), b.to())));
        changes.values().removeIf(change -> change.from().equals(change.to()));
        return changes;
    }

    /** The settings that decide what the weights of a stage mean or what its steps compute, by their keys, sorted. */
    public static Map<String, JsonNode> identity(RunConfig config, StageName stage) {
        Map<String, JsonNode> identity = new TreeMap<>();
        of(config, Setting.Kind.IDENTITY, stage).forEach((key, entry) -> identity.put(key, entry.value()));
        return identity;
    }

    /**
     * Whether an identity setting describes the networks themselves, as their sizes, rather than the order of samples
     * and random numbers in training. Exported networks depend on the former alone.
     */
    public static boolean describesNetworks(String key) {
        return !key.equals("seed") && !key.startsWith("data.") && !key.startsWith("train");
    }

    private static Map<String, Entry> of(RunConfig config, Setting.Kind kind, StageName stage) {
        Map<String, Entry> entries = of(config);
        entries.values().removeIf(entry -> entry.kind() != kind || !entry.concerns(stage));
        return entries;
    }

    private static JsonNode absent() {
        return TextNode.valueOf("(absent)");
    }
}
