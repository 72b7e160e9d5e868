package io.unifiedlatents.core.data;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/** Columns and footer keys of shards, in file order. Byte-level description: docs/formats/shard.md, latents.md. */
final class ShardSchema {
    static final String ID = "id";
    static final String IMAGE = "image";
    static final String LABEL = "label";
    static final String CLASS_NAME = "class_name";
    static final String WIDTH = "width";
    static final String HEIGHT = "height";
    static final String SOURCE = "source";
    static final String SHA256 = "sha256";
    static final String LATENT = "latent";

    static final MessageType IMAGES = Types.buildMessage()
            .required(BINARY)
            .as(stringType())
            .named(ID)
            .required(BINARY)
            .named(IMAGE)
            .required(INT32)
            .named(LABEL)
            .required(BINARY)
            .as(stringType())
            .named(CLASS_NAME)
            .required(INT32)
            .named(WIDTH)
            .required(INT32)
            .named(HEIGHT)
            .required(BINARY)
            .as(stringType())
            .named(SOURCE)
            .required(BINARY)
            .as(stringType())
            .named(SHA256)
            .named("image_shard");

    /** The columns of an {@link ImageSample}. */
    static final MessageType SAMPLES =
            new MessageType(IMAGES.getName(), IMAGES.getType(ID), IMAGES.getType(IMAGE), IMAGES.getType(LABEL));

    static final MessageType LATENTS = Types.buildMessage()
            .required(BINARY)
            .as(stringType())
            .named(ID)
            .required(INT32)
            .named(LABEL)
            .required(BINARY)
            .named(LATENT)
            .named("latent_shard");

    private ShardSchema() {}

    static Map<String, String> imagesFooter(String transform, String configHash) {
        Map<String, String> footer = footer(DatasetManifest.IMAGES, configHash);
        footer.put("ul.transform", transform);
        return footer;
    }

    static Map<String, String> latentsFooter(
            LatentShape shape, String encoderHash, String imageShardSha256, String configHash) {
        Map<String, String> footer = footer(DatasetManifest.LATENTS, configHash);
        footer.put("ul.latent.shape", shape.channels() + "," + shape.height() + "," + shape.width());
        footer.put("ul.encoder.hash", encoderHash);
        footer.put("ul.image.shard.sha256", imageShardSha256);
        return footer;
    }

    private static Map<String, String> footer(String kind, String configHash) {
        Map<String, String> footer = new TreeMap<>();
        footer.put("ul.format.version", Integer.toString(DatasetManifest.FORMAT_VERSION));
        footer.put("ul.kind", kind);
        footer.put("ul.config.hash", configHash);
        return footer;
    }
}
