package io.unifiedlatents.core.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * YAML onto records. Later wins: {@code defaults.yaml}, the preset, the user's file, {@code --set} overrides. A key
 * that the defaults do not have is an error that suggests the nearest one.
 */
public final class ConfigLoader {
    private static final YAMLMapper YAML = YAMLMapper.builder(
                    new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();
    private static final ObjectMapper JSON = new ObjectMapper();

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
            ObjectNode tree = JSON.createObjectNode();
            ObjectNode parent = tree;
            String[] keys = override.substring(0, equals).split("\\.");
            for (int i = 0; i < keys.length - 1; i++) {
                parent = parent.putObject(keys[i]);
            }
            parent.set(keys[keys.length - 1], node(override.substring(equals + 1), "--set " + override));
            merge(config, tree, "", "--set " + override);
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

    /** The resolved config as a tree, for manifests. */
    public static JsonNode tree(RunConfig config) {
        return JSON.valueToTree(config);
    }

    /** Reads what {@link #yaml} wrote. */
    public static RunConfig parse(String yaml) {
        return bind(object(yaml, "a resolved config"));
    }

    private static RunConfig bind(ObjectNode config) {
        try {
            return YAML.treeToValue(config, RunConfig.class);
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof ConfigException cause) {
                throw cause;
            }
            throw new ConfigException("config: " + e.getOriginalMessage());
        }
    }

    private static ObjectNode resource(String name) {
        try (InputStream in = ConfigLoader.class.getClassLoader().getResourceAsStream(name)) {
            Check.setting(in != null, "no %s on the class path", name);
            return object(
                    new String(
                            java.util.Objects.requireNonNull(in).readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8),
                    name);
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

    private static void merge(ObjectNode target, ObjectNode changes, String path, String source) {
        for (Iterator<Map.Entry<String, JsonNode>> fields = changes.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            String key = path + field.getKey();
            JsonNode old = target.get(field.getKey());
            if (old == null) {
                throw new ConfigException("unknown key " + key + " in " + source + "; did you mean " + path
                        + nearest(field.getKey(), target) + "?");
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

    private static String nearest(String key, ObjectNode candidates) {
        List<String> names = new ArrayList<>();
        candidates.fieldNames().forEachRemaining(names::add);
        return names.stream()
                .min(Comparator.comparingInt(
                        name -> LevenshteinDistance.getDefaultInstance().apply(key, name)))
                .orElse("");
    }
}
