package io.unifiedlatents.core.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.annotation.Annotation;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One setting in the tree of a config, with the record components that declare it.
 *
 * @param key dotted path
 * @param path components from the outermost section to the setting
 * @param section the object of the tree that holds it
 * @param name of the setting in its section
 */
record Declared(String key, List<RecordComponent> path, ObjectNode section, String name) {
    /** The name of the setting that chooses the variant of a section. */
    static final String KIND = "kind";

    /** Visits every setting of a tree in the order of the records. */
    static void forEach(ObjectNode config, Consumer<Declared> visitor) {
        visit(RunConfig.class, config, "", List.of(), visitor);
    }

    private static void visit(
            Class<?> type, ObjectNode section, String prefix, List<RecordComponent> outer, Consumer<Declared> visitor) {
        if (section.has(KIND)) {
            visitor.accept(new Declared(prefix + KIND, outer, section, KIND));
        }
        for (RecordComponent component : type.getRecordComponents()) {
            String name = component.getName();
            List<RecordComponent> path = new ArrayList<>(outer);
            path.add(component);
            if (section.get(name) instanceof ObjectNode inner) {
                visit(variant(component.getType(), inner), inner, prefix + name + ".", path, visitor);
            } else if (section.has(name)) {
                visitor.accept(new Declared(prefix + name, path, section, name));
            }
        }
    }

    /** The record of a section: of one with variants, that of its kind. */
    private static Class<?> variant(Class<?> type, ObjectNode section) {
        JsonSubTypes variants = type.getAnnotation(JsonSubTypes.class);
        return variants == null
                ? type
                : Arrays.stream(variants.value())
                        .filter(variant ->
                                variant.name().equals(section.path(KIND).asText()))
                        .findFirst()
                        .orElseThrow()
                        .value();
    }

    JsonNode value() {
        return section.get(name);
    }

    /** The annotation on the setting itself. */
    <A extends Annotation> @Nullable A own(Class<A> annotation) {
        return name.equals(KIND) ? null : path.get(path.size() - 1).getAnnotation(annotation);
    }

    /** The annotation on the setting or, where it has none, on the innermost section around it that has one. */
    <A extends Annotation> @Nullable A nearest(Class<A> annotation) {
        for (int i = path.size() - 1; i >= 0; i--) {
            A found = path.get(i).getAnnotation(annotation);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Whether it is the path of a file or directory that is given. */
    boolean isPath() {
        return own(PathSetting.class) != null && !value().asText().isBlank();
    }

    /**
     * Checks it against what its component declares.
     *
     * @throws ConfigException where it is out of its interval, or a path that is needed is empty
     */
    void check() {
        PathSetting file = own(PathSetting.class);
        Check.setting(file == null || file.optional() || isPath(), "%s is empty; name a path", key);
        Within within = own(Within.class);
        for (JsonNode number : value().isArray() ? value() : List.of(value())) {
            if (number.isNumber()) { // of others Jackson says what they should be
                Check.setting(Double.isFinite(number.asDouble()), "%s is %s; it must be finite", key, number.asText());
                if (within != null) {
                    check(within.value(), number.asDouble());
                }
            }
        }
    }

    private void check(String interval, double x) {
        String[] ends = interval.substring(1, interval.length() - 1).split(", ");
        boolean bounded = !ends[1].equals("∞");
        double low = Double.parseDouble(ends[0]);
        double high = bounded ? Double.parseDouble(ends[1]) : Double.POSITIVE_INFINITY;
        boolean closed = interval.startsWith("[");
        Check.setting(
                (closed ? x >= low : x > low) && (interval.endsWith("]") ? x <= high : x < high),
                "%s is %s; it must be %s",
                key,
                value(),
                bounded ? "in " + interval : (closed ? "at least " : "above ") + ends[0]);
    }
}
