package io.unifiedlatents.core.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Reads YAML into config records. Later sources win: {@code defaults.yaml}, the preset, the user's file, {@code --set}
 * overrides. Only keys that the defaults have are accepted; a section with a {@code kind} has the keys of that kind,
 * whose defaults stand in {@code variants.yaml}.
 */
public final class ConfigLoader {
    private static final YAMLMapper YAML = YAMLMapper.builder(new YAMLFactory()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .disable(YAMLGenerator.Feature.USE_NATIVE_TYPE_ID))
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private ConfigLoader() {}

    /**
     * Resolves a config.
     *
     * @param preset name of a preset on the class path, {@code presets/<name>.yaml}, or empty for none
     * @param yaml text of the user's file; empty for none
     * @param overrides {@code dotted.key=value} pairs, the value read as YAML
     * @throws ConfigException for unknown keys, wrong types and values out of range
     */
    public static RunConfig load(String preset, String yaml, List<String> overrides) {
        ObjectNode config = resource("defaults.yaml");
        if (!preset.isEmpty()) {
            merge(config, resource("presets/" + preset + ".yaml"), "", "preset " + preset);
        }
        if (!yaml.isBlank()) {
            merge(config, object(yaml, "the config file"), "", "the config file");
        }
        for (String override : overrides) {
            int equals = override.indexOf('=');
            Check.setting(equals > 0, "--set %s must have the form key=value", override);
            JsonNode value = node(override.substring(equals + 1), "--set " + override);
            ObjectNode change = YAML.createObjectNode();
            put(change, override.substring(0, equals), value);
            merge(config, change, "", "--set " + override);
        }
        return bind(config);
    }

    /** The resolved config as YAML, for people and for run directories; {@link #parse} reads it back. */
    public static String yaml(RunConfig config) {
        try {
            return YAML.writeValueAsString(config);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a config record cannot be written", e);
        }
    }

    /** The resolved config as a tree, for manifests; {@link #recorded} reads it back. */
    public static JsonNode tree(RunConfig config) {
        return YAML.valueToTree(config);
    }

    /** Reads what {@link #yaml} wrote. */
    public static RunConfig parse(String yaml) {
        return bind(object(yaml, "a resolved config"));
    }

    /**
     * Reads what {@link #tree} wrote, also by an earlier version: settings that it did not know have their defaults,
     * renamed ones their old values, and those that are no more are left out.
     */
    public static RunConfig recorded(JsonNode tree) {
        ObjectNode config = resource("defaults.yaml");
        overlay(config, FormerKeys.renamed(tree), "");
        return bind(config);
    }

    /** The same config with every path that is given mapped. */
    static RunConfig withPaths(RunConfig config, UnaryOperator<String> map) {
        ObjectNode tree = YAML.valueToTree(config);
        Declared.forEach(tree, setting -> {
            if (setting.isPath()) {
                setting.section().put(setting.name(), map.apply(setting.value().asText()));
            }
        });
        return bind(tree);
    }

    // ---- binding ------------------------------------------------------------------------------------------------

    private static RunConfig bind(ObjectNode config) {
        Declared.forEach(config, Declared::check);
        try {
            return YAML.treeToValue(config, RunConfig.class);
        } catch (JsonMappingException e) {
            String path = path(e);
            if (e.getCause() instanceof ConfigException cause) {
                throw new ConfigException((path.isEmpty() ? "" : path + ".") + cause.getMessage());
            }
            if (e instanceof InvalidFormatException wrong
                    && wrong.getTargetType().isEnum()) {
                throw new ConfigException(String.format(
                        "%s is '%s'; it must be one of %s",
                        path,
                        wrong.getValue(),
                        Arrays.stream(wrong.getTargetType().getEnumConstants())
                                .map(Object::toString)
                                .collect(Collectors.joining(", "))));
            }
            throw new ConfigException(path + ": " + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new ConfigException("config: " + e.getOriginalMessage());
        }
    }

    /** The dotted key at which binding failed. */
    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference reference : e.getPath()) {
            if (reference.getFieldName() == null) {
                path.append('[').append(reference.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(reference.getFieldName());
            }
        }
        return path.toString();
    }

    // ---- merging ------------------------------------------------------------------------------------------------

    private static void merge(ObjectNode target, ObjectNode changes, String path, String source) {
        chooseKind(target, changes, path, source);
        for (Map.Entry<String, JsonNode> field : changes.properties()) {
            String key = path + field.getKey();
            JsonNode old = target.get(field.getKey());
            if (old == null) {
                throw unknown(key, source, target);
            }
            if (old.isObject() && field.getValue().isObject()) {
                merge((ObjectNode) old, (ObjectNode) field.getValue(), key + ".", source);
            } else {
                Check.setting(
                        old.isObject() == field.getValue().isObject(),
                        "%s in %s: expected %s",
                        key,
                        source,
                        old.isObject() ? "keys below it" : "a value");
                target.set(field.getKey(), field.getValue());
            }
        }
    }

    /** Gives a section that changes its kind the keys and defaults of the new one. */
    private static void chooseKind(ObjectNode target, ObjectNode changes, String path, String source) {
        JsonNode before = target.get(Declared.KIND);
        JsonNode wanted = changes.get(Declared.KIND);
        if (before == null || wanted == null || before.equals(wanted)) {
            return;
        }
        JsonNode variants = variants().path(path.substring(0, path.length() - 1));
        List<String> kinds = names(variants);
        Check.setting(
                kinds.contains(wanted.asText()),
                "%skind in %s is '%s'; it must be one of %s",
                path,
                source,
                wanted.asText(),
                String.join(", ", kinds));
        target.removeAll();
        target.set(Declared.KIND, wanted);
        target.setAll((ObjectNode) variants.get(wanted.asText()));
    }

    /** Merges like {@link #merge}, but passes over keys that the target does not have. */
    private static void overlay(ObjectNode target, JsonNode changes, String path) {
        if (changes.hasNonNull(Declared.KIND)) {
            chooseKind(target, (ObjectNode) changes, path, "a recorded config");
        }
        for (Map.Entry<String, JsonNode> field : changes.properties()) {
            JsonNode old = target.get(field.getKey());
            if (old != null && old.isObject() && field.getValue().isObject()) {
                overlay((ObjectNode) old, field.getValue(), path + field.getKey() + ".");
            } else if (old != null && old.isObject() == field.getValue().isObject()) {
                target.set(field.getKey(), field.getValue());
            }
        }
    }

    private static void put(ObjectNode tree, String dottedKey, JsonNode value) {
        String[] keys = dottedKey.split("\\.");
        ObjectNode parent = tree;
        for (int i = 0; i < keys.length - 1; i++) {
            parent = parent.putObject(keys[i]);
        }
        parent.set(keys[keys.length - 1], value);
    }

    // ---- unknown keys -------------------------------------------------------------------------------------------

    private static ConfigException unknown(String key, String source, ObjectNode section) {
        String former = FormerKeys.NOW.get(key);
        if (former != null) {
            return new ConfigException(key + " in " + source + " has another name now: " + former);
        }
        if (section.has(Declared.KIND)) {
            return new ConfigException("unknown key " + key + " in " + source + "; a section of kind "
                    + section.get(Declared.KIND).asText() + " has the keys " + names(section));
        }
        return new ConfigException("unknown key " + key + " in " + source + "; did you mean " + nearest(key) + "?");
    }

    /** The known key that is likest: one that ends with the given words before one that is spelt alike. */
    private static String nearest(String key) {
        List<String> known = new ArrayList<>();
        keys(resource("defaults.yaml"), "", known);
        variants()
                .properties()
                .forEach(section -> section.getValue()
                        .forEach(variant -> names(variant).forEach(name -> known.add(section.getKey() + "." + name))));
        return known.stream()
                .min(Comparator.comparing((String candidate) -> !candidate.endsWith("." + key))
                        .thenComparing(candidate ->
                                LevenshteinDistance.getDefaultInstance().apply(key, candidate)))
                .orElse("");
    }

    private static void keys(JsonNode section, String path, List<String> keys) {
        for (Map.Entry<String, JsonNode> field : section.properties()) {
            keys.add(path + field.getKey());
            if (field.getValue().isObject()) {
                keys(field.getValue(), path + field.getKey() + ".", keys);
            }
        }
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    /** Keys and defaults of the sections that have a kind: by the section's dotted key, then by kind. */
    static ObjectNode variants() {
        return resource("variants.yaml");
    }

    private static ObjectNode resource(String name) {
        try (InputStream in = ConfigLoader.class.getClassLoader().getResourceAsStream(name)) {
            Check.setting(in != null, "no %s on the class path", name);
            return object(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8), name);
        } catch (IOException e) {
            throw new ConfigException("cannot read " + name + ": " + e.getMessage());
        }
    }

    private static ObjectNode object(String yaml, String source) {
        JsonNode node = node(yaml, source);
        Check.setting(node.isObject(), "%s: expected key: value lines, got %s", source, node.getNodeType());
        return (ObjectNode) node;
    }

    private static JsonNode node(String yaml, String source) {
        try {
            return YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new ConfigException(source + ": not YAML: " + e.getOriginalMessage());
        }
    }
}
