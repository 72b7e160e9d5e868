package io.unifiedlatents.core.data;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.config.SampleShape;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** Columns and footer keys of shards, in file order. Byte-level description: docs/formats/shard.md, latents.md. */
final class ShardSchema {
    static final String ID = "id";
    static final String IMAGE = "image";
    static final String CLIP = "clip";
    static final String BYTES = "bytes";
    static final String LABEL = "label";
    static final String CLASS_NAME = "class_name";
    static final String CAPTION = "caption";
    static final String WIDTH = "width";
    static final String HEIGHT = "height";
    static final String SOURCE = "source";
    static final String SHA256 = "sha256";
    static final String WINDOW = "window";
    static final String FIRST_FRAME = "first_frame";
    static final String STRIDE = "stride";
    static final String FRAMES_PER_SECOND = "fps";
    static final String SOURCE_FRAMES_PER_SECOND = "source_fps";
    static final String SECONDS = "pts";
    static final String LATENT = "latent";

    static final String ENCODER_HASH = "ul.encoder.hash";

    static final MessageType IMAGES = new MessageType("image_shard", pictureColumns(IMAGE));

    static final MessageType CLIPS = new MessageType("clip_shard", clipColumns());

    static final MessageType LATENTS = Types.buildMessage()
            .addFields(text(ID), number(INT32, LABEL))
            .required(BINARY)
            .named(LATENT)
            .named("latent_shard");

    private ShardSchema() {}

    private static List<Type> pictureColumns(String pixels) {
        return List.of(
                text(ID),
                stored(pixels),
                number(INT32, LABEL),
                text(CLASS_NAME),
                Types.optional(BINARY).as(stringType()).named(CAPTION),
                number(INT32, WIDTH),
                number(INT32, HEIGHT),
                text(SOURCE),
                text(SHA256));
    }

    private static List<Type> clipColumns() {
        List<Type> timing = List.of(
                number(INT32, WINDOW),
                number(INT32, FIRST_FRAME),
                number(INT32, STRIDE),
                number(DOUBLE, FRAMES_PER_SECOND),
                number(DOUBLE, SOURCE_FRAMES_PER_SECOND),
                Types.requiredList().requiredElement(DOUBLE).named(SECONDS));
        return Stream.concat(pictureColumns(CLIP).stream(), timing.stream()).toList();
    }

    /** The layout that Hugging Face's Image feature has on disk. */
    private static GroupType stored(String name) {
        return Types.requiredGroup()
                .required(BINARY)
                .named(BYTES)
                .optional(BINARY)
                .as(stringType())
                .named("path")
                .named(name);
    }

    private static Type text(String name) {
        return Types.required(BINARY).as(stringType()).named(name);
    }

    private static Type number(PrimitiveTypeName type, String name) {
        return Types.required(type).named(name);
    }

    /** The columns of an {@link ImageSample} in shards whose pictures or clips lie in the column {@code pixels}. */
    static MessageType samples(String pixels) {
        MessageType all = pixels.equals(CLIP) ? CLIPS : IMAGES;
        return new MessageType(all.getName(), all.getType(ID), all.getType(pixels), all.getType(LABEL));
    }

    /** The columns of a kind of data set. */
    static MessageType of(String kind) {
        return switch (kind) {
            case DatasetManifest.IMAGES -> IMAGES;
            case DatasetManifest.CLIPS -> CLIPS;
            default -> LATENTS;
        };
    }

    /** The footer of the shards of a data set of pictures or clips, without {@link ShardReader#ROWS_HASH}. */
    static Map<String, String> footer(DatasetManifest manifest) {
        Encoding encoding = manifest.encoding();
        String transform = manifest.transform();
        if (encoding == null || transform == null) {
            throw new IllegalArgumentException("latents have no transform and no encoding");
        }
        return footer(
                of(manifest.kind()), new ShardFooter(transform, encoding, manifest.classes(), manifest.configHash()));
    }

    static Map<String, String> footer(MessageType schema, ShardFooter shard) {
        boolean clips = schema.equals(CLIPS);
        Map<String, String> footer = footer(clips ? DatasetManifest.CLIPS : DatasetManifest.IMAGES, shard.configHash());
        footer.put("ul.transform", shard.transform());
        footer.put("ul.encoding", shard.encoding().text());
        if (shard.encoding() != Encoding.RAW) {
            footer.put("huggingface", features(schema, clips ? CLIP : IMAGE, shard.classes()));
        }
        return footer;
    }

    /** Column types in the words of Hugging Face's datasets library, which finds pictures and class names by them. */
    private static String features(MessageType schema, String pixels, List<String> classes) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        ObjectNode features = root.putObject("info").putObject("features");
        for (Type column : schema.getFields()) {
            ObjectNode feature = features.putObject(column.getName());
            if (column.getName().equals(pixels)) {
                feature.put("_type", "Image");
            } else if (column.getName().equals(LABEL)) {
                classes.forEach(feature.putArray("names")::add);
                feature.put("_type", "ClassLabel");
            } else if (column.getName().equals(SECONDS)) {
                feature.putObject("feature").put("dtype", "float64").put("_type", "Value");
                feature.put("_type", "Sequence");
            } else {
                feature.put("dtype", dtype(column)).put("_type", "Value");
            }
        }
        return root.toString();
    }

    private static String dtype(Type column) {
        PrimitiveTypeName type = column.asPrimitiveType().getPrimitiveTypeName();
        return type == INT32 ? "int32" : type == DOUBLE ? "float64" : "string";
    }

    static Map<String, String> latentsFooter(
            SampleShape shape, String encoderHash, String imageShardSha256, String configHash) {
        Map<String, String> footer = footer(DatasetManifest.LATENTS, configHash);
        footer.put(
                "ul.latent.shape",
                LongStream.of(shape.network()).mapToObj(Long::toString).collect(Collectors.joining(",")));
        footer.put(ENCODER_HASH, encoderHash);
        footer.put("ul.image.shard.sha256", imageShardSha256);
        return footer;
    }

    private static Map<String, String> footer(String kind, String configHash) {
        Map<String, String> footer = new TreeMap<>();
        footer.put("ul.format.version", Integer.toString(ShardFooter.FORMAT_VERSION));
        footer.put("ul.kind", kind);
        footer.put("ul.config.hash", configHash);
        return footer;
    }
}
