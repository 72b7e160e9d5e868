package io.unifiedlatents.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table hold inputs and what is said of them.
 *
 * @param bytes the inputs: a struct of {@code bytes} and {@code path}, or binary
 * @param path a binary column's names of files, else null
 * @param label classes, numbers or names
 * @param classNames names of the numbers in {@code label}; empty where there are none
 * @param caption texts
 * @param split names of splits
 */
record ParquetColumns(
        Type bytes,
        @Nullable Type path,
        @Nullable Type label,
        List<String> classNames,
        @Nullable Type caption,
        @Nullable Type split) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BYTES = "bytes";
    private static final String PATH = "path";

    /**
     * Looks for them: {@code image}, or the only struct of bytes and path, or {@code content}, or the only binary
     * column; {@code label}, or the only one of Hugging Face's type ClassLabel; {@code caption}, {@code text};
     * {@code split}.
     *
     * @param metadata the key-values of the file's footer
     * @return null where no column holds inputs
     */
    static @Nullable ParquetColumns find(MessageType schema, Map<String, String> metadata) {
        Type bytes = named(schema, type -> isStruct(type) || isBinary(type), "image");
        if (bytes == null) {
            bytes = only(schema, ParquetColumns::isStruct);
        }
        if (bytes == null) {
            bytes = named(schema, ParquetColumns::isBinary, "content");
        }
        if (bytes == null) {
            bytes = only(schema, ParquetColumns::isBinary);
        }
        if (bytes == null) {
            return null;
        }
        Map<String, List<String>> classes = huggingFaceClasses(metadata);
        Type label = named(schema, type -> isInteger(type) || isText(type), "label");
        if (label == null && classes.size() == 1) {
            label = named(
                    schema,
                    ParquetColumns::isInteger,
                    classes.keySet().iterator().next());
        }
        List<String> names = label == null ? List.of() : classes.getOrDefault(label.getName(), List.of());
        return new ParquetColumns(
                bytes,
                isStruct(bytes) ? null : named(schema, ParquetColumns::isText, PATH),
                label,
                names,
                named(schema, ParquetColumns::isText, "caption", "text"),
                named(schema, ParquetColumns::isText, "split"));
    }

    /** The schema of these columns alone. */
    MessageType projection() {
        Map<String, Type> columns = new TreeMap<>();
        columns.put(bytes.getName(), bytes);
        if (isStruct(bytes)) {
            List<Type> fields = new ArrayList<>(bytes.asGroupType().getFields());
            fields.removeIf(
                    field -> !field.getName().equals(BYTES) && !(field.getName().equals(PATH) && isText(field)));
            columns.put(bytes.getName(), bytes.asGroupType().withNewFields(fields));
        }
        for (Type type : new Type[] {path, label, caption, split}) {
            if (type != null) {
                columns.put(type.getName(), type);
            }
        }
        return new MessageType("inputs", new ArrayList<>(columns.values()));
    }

    /**
     * The input of a row.
     *
     * @param at {@code <file>#<row>}
     * @param fileSplit the split that the file's name says
     */
    SourceInput input(String at, Group row, @Nullable String fileSplit) {
        Group struct = row;
        String bytesField = bytes.getName();
        String name = path == null ? null : text(row, path.getName());
        if (isStruct(bytes)) {
            if (row.getFieldRepetitionCount(bytesField) == 0) {
                return unusable(at, "no bytes: the row is null");
            }
            struct = row.getGroup(bytesField, 0);
            name = struct.getType().containsField(PATH) ? text(struct, PATH) : null;
            bytesField = BYTES;
        }
        if (struct.getFieldRepetitionCount(bytesField) == 0) {
            return unusable(at, "no bytes: " + (name == null ? "the row is null" : "the row only names " + name));
        }
        byte[] content = struct.getBinary(bytesField, 0).getBytes();
        if (content.length > SourceInput.MAX_BYTES) {
            return unusable(at, SourceInput.tooLarge(content.length));
        }
        String className = null;
        if (label != null && row.getFieldRepetitionCount(label.getName()) > 0) {
            if (isText(label)) {
                className = text(row, label.getName());
            } else {
                long number = integer(row, label);
                if (number >= classNames.size() && !classNames.isEmpty()) {
                    return unusable(at, "bad annotation: class " + number + " of " + classNames.size());
                }
                // Hugging Face numbers what has no class -1
                className =
                        number < 0 ? null : classNames.isEmpty() ? Long.toString(number) : classNames.get((int) number);
            }
        } else if (label == null && path != null && name != null) { // as Spark's binaryFile reads a tree of classes
            String folder = FoundFile.folder(name);
            className = FoundFile.name(folder);
        }
        String ownSplit = split == null ? null : text(row, split.getName());
        Annotation annotation = new Annotation(
                className,
                caption == null ? null : text(row, caption.getName()),
                ownSplit == null ? fileSplit : ownSplit);
        return SourceInput.of(at, content, annotation);
    }

    private static SourceInput unusable(String at, String problem) {
        return SourceInput.unusable(at, -1, problem);
    }

    private static long integer(Group row, Type column) {
        return column.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT32
                ? row.getInteger(column.getName(), 0)
                : row.getLong(column.getName(), 0);
    }

    private static @Nullable String text(Group row, String column) {
        if (row.getFieldRepetitionCount(column) == 0) {
            return null;
        }
        String text = row.getString(column, 0).strip();
        return text.isEmpty() ? null : text;
    }

    private static @Nullable Type named(GroupType schema, Predicate<Type> shape, String... names) {
        for (String name : names) {
            if (schema.containsField(name) && shape.test(schema.getType(name))) {
                return schema.getType(name);
            }
        }
        return null;
    }

    private static @Nullable Type only(GroupType schema, Predicate<Type> shape) {
        Type found = null;
        for (Type type : schema.getFields()) {
            if (shape.test(type)) {
                if (found != null) {
                    return null;
                }
                found = type;
            }
        }
        return found;
    }

    private static boolean isStruct(Type type) {
        return !type.isPrimitive()
                && !type.isRepetition(Type.Repetition.REPEATED)
                && named(type.asGroupType(), ParquetColumns::isBinary, BYTES) != null;
    }

    private static boolean isBinary(Type type) {
        return isPrimitive(type, PrimitiveTypeName.BINARY) && type.getLogicalTypeAnnotation() == null;
    }

    private static boolean isText(Type type) {
        return isPrimitive(type, PrimitiveTypeName.BINARY)
                && type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation;
    }

    private static boolean isInteger(Type type) {
        return isPrimitive(type, PrimitiveTypeName.INT32) || isPrimitive(type, PrimitiveTypeName.INT64);
    }

    private static boolean isPrimitive(Type type, PrimitiveTypeName name) {
        return type.isPrimitive()
                && !type.isRepetition(Type.Repetition.REPEATED)
                && type.asPrimitiveType().getPrimitiveTypeName() == name;
    }

    /** The names of classes that Hugging Face keeps in the footer, by column. */
    private static Map<String, List<String>> huggingFaceClasses(Map<String, String> metadata) {
        Map<String, List<String>> classes = new HashMap<>();
        String json = metadata.get("huggingface");
        if (json == null) {
            return classes;
        }
        JsonNode features;
        try {
            features = JSON.readTree(json).path("info").path("features");
        } catch (IOException e) {
            return classes; // numbers then stay numbers
        }
        features.fields().forEachRemaining(feature -> {
            if (feature.getValue().path("_type").asText().equals("ClassLabel")) {
                List<String> names = new ArrayList<>();
                feature.getValue().path("names").forEach(name -> names.add(name.asText()));
                classes.put(feature.getKey(), names);
            }
        });
        return classes;
    }
}
