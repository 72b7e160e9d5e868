package io.unifiedlatents.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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

        /** As in {@code compute.norm: layer → group}. */
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
        collect("", config, null, entries);
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

    private record Declared(Setting.@Nullable Kind kind, List<StageName> stages) {}

    private static void collect(String key, Object value, @Nullable Declared declared, Map<String, Entry> entries) {
        if (!(value instanceof Record)) {
            if (declared == null || declared.kind == null) {
                throw new IllegalStateException("setting " + key + " declares no kind; annotate it with @Setting");
            }
            entries.put(key, new Entry(declared.kind, declared.stages, ConfigLoader.json(value)));
            return;
        }
        String prefix = key.isEmpty() ? "" : key + ".";
        if (value instanceof ConditionConfig condition) {
            collect(prefix + "kind", ConfigLoader.json(condition).get("kind").asText(), declared, entries);
        }
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            collect(prefix + component.getName(), read(component, value), inner(component, declared), entries);
        }
    }

    private static @Nullable Declared inner(RecordComponent component, @Nullable Declared outer) {
        Setting own = component.getAnnotation(Setting.class);
        if (own == null) {
            return outer;
        }
        List<StageName> stages = List.of(own.stages());
        return new Declared(own.value(), stages.isEmpty() && outer != null ? outer.stages : stages);
    }

    private static Object read(RecordComponent component, Object owner) {
        try {
            return Objects.requireNonNull(component.getAccessor().invoke(owner));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(component + " cannot be read", e.getCause());
        }
    }
}
