package io.unifiedlatents.core.data;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The manifest of a data set, {@code _manifest.json}. It is written last: a directory without it is not a data set.
 *
 * @param formatVersion version of the manifest, {@link #FORMAT_VERSION}; shards have one of their own
 * @param kind {@link #IMAGES}, {@link #CLIPS} or {@link #LATENTS}
 * @param shape of each picture or clip, null for pictures of any size; for latents, of what they were made from
 * @param encoding how pictures and clips are stored, {@link Encoding#text}; null for latents
 * @param transform how pictures and clips were made from their sources; null for latents
 * @param latentShape shape of each latent; null for pictures and clips
 * @param encoderHash hash of the encoder that made the latents; null for pictures and clips
 * @param encoderScript SHA-256 of the text of the encoder's script; null where it is not known, as of version 0.1
 * @param encoderRun identity hash of the run that trained the encoder; null likewise
 * @param imagesHash dataset hash of what the latents were made from; null for pictures and clips
 * @param classes class names in the order of their labels
 * @param configHash hash of the settings that made the data set
 * @param seed seed of the shuffle and the split
 * @param shards shard files in order
 * @param rows rows of all shards
 * @param datasetHash hash over the shards' digests, see {@link #hashOf}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DatasetManifest(
        int formatVersion,
        String kind,
        @Nullable SampleShape shape,
        @Nullable Encoding encoding,
        @Nullable String transform,
        @Nullable SampleShape latentShape,
        @Nullable String encoderHash,
        @Nullable String encoderScript,
        @Nullable String encoderRun,
        @Nullable String imagesHash,
        List<String> classes,
        String configHash,
        long seed,
        List<ShardInfo> shards,
        long rows,
        String datasetHash) {
    /** File name of the manifest. */
    public static final String NAME = "_manifest.json";

    /** The version written; version 2 is read too, see {@link #fromJson}. */
    public static final int FORMAT_VERSION = 3;

    /** Kind of a data set of pictures. */
    public static final String IMAGES = "images";

    /** Kind of a data set of clips. */
    public static final String CLIPS = "clips";

    /** Kind of a data set of latents. */
    public static final String LATENTS = "latents";

    private static final int VERSION_OF_SQUARES = 2;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    /** Checks that the parts fit together. */
    public DatasetManifest {
        Check.argument(
                formatVersion == FORMAT_VERSION,
                "format version %d is not %d; read it with the version of the program that wrote it",
                formatVersion,
                FORMAT_VERSION);
        boolean latents = kind.equals(LATENTS);
        boolean clips = kind.equals(CLIPS);
        Check.argument(
                latents || clips || kind.equals(IMAGES), "kind %s is none of %s, %s, %s", kind, IMAGES, CLIPS, LATENTS);
        Check.argument(shape != null || !(clips || latents), "shape is missing; %s have one shape", kind);
        int frames = shape == null ? 1 : shape.frames();
        Check.argument(frames == 1 || !kind.equals(IMAGES), "pictures are of one frame, these are of %d", frames);
        Check.argument(
                latents == (encoding == null) && latents == (transform == null),
                "encoding and transform belong to pictures and clips, both; kind is %s",
                kind);
        Check.argument(
                latents == (latentShape != null) && latents == (encoderHash != null) && latents == (imagesHash != null),
                "latentShape, encoderHash and imagesHash belong to latents, all three; kind is %s",
                kind);
        classes = List.copyOf(classes);
        shards = List.copyOf(shards);
        long sum = shards.stream().mapToLong(ShardInfo::rows).sum();
        Check.argument(rows == sum, "rows is %d, the shards have %d", rows, sum);
        String hash = hashOf(shards);
        Check.argument(
                datasetHash.equals(hash), "datasetHash is %s, the digests of the shards give %s", datasetHash, hash);
    }

    /**
     * Manifest of pictures.
     *
     * @param shape of each; null where they are of any size
     */
    public static DatasetManifest images(
            @Nullable SampleShape shape, ShardFooter made, long seed, List<ShardInfo> shards) {
        return prepared(IMAGES, shape, made, seed, shards);
    }

    /** Manifest of clips of a shape. */
    public static DatasetManifest clips(SampleShape shape, ShardFooter made, long seed, List<ShardInfo> shards) {
        return prepared(CLIPS, shape, made, seed, shards);
    }

    private static DatasetManifest prepared(
            String kind, @Nullable SampleShape shape, ShardFooter made, long seed, List<ShardInfo> shards) {
        return new DatasetManifest(
                FORMAT_VERSION,
                kind,
                shape,
                made.encoding(),
                made.transform(),
                null,
                null,
                null,
                null,
                null,
                made.classes(),
                made.configHash(),
                seed,
                shards,
                shards.stream().mapToLong(ShardInfo::rows).sum(),
                hashOf(shards));
    }

    /**
     * Decodes a picture of this data set, or the frames of a clip one below the other.
     *
     * @throws IOException where the bytes are damaged or are no sample of this shape
     */
    public Rgb decode(byte[] stored) throws IOException {
        if (encoding == null) {
            throw new IllegalStateException("latents are no pictures");
        }
        Rgb picture = encoding.decode(stored, shape);
        if (shape != null && !picture.has(shape)) {
            throw new IOException("the picture has %d x %d pixels, the manifest says %d x %d"
                    .formatted(picture.width(), picture.height(), shape.width(), shape.frames() * shape.height()));
        }
        return picture;
    }

    /**
     * The encoder that latents were made by.
     *
     * @param file SHA-256 of its file
     * @param script SHA-256 of the text of its script; empty where it is not known
     * @param run identity hash of the run that trained it; empty where it is not known
     */
    public record EncoderIdentity(String file, String script, String run) {}

    /**
     * Manifest of latents of a data set of pictures or clips.
     *
     * @param images what the latents were made from: their classes, seed and shape are taken over
     * @param latentShape of each latent
     * @param encoder that made the latents
     * @param shards one per shard of {@code images}, in the same order, with the same row groups
     * @throws IllegalArgumentException where {@code shards} are not aligned with those of {@code images}
     */
    public static DatasetManifest latents(
            DatasetManifest images,
            SampleShape latentShape,
            EncoderIdentity encoder,
            String configHash,
            List<ShardInfo> shards) {
        DatasetManifest manifest = new DatasetManifest(
                FORMAT_VERSION,
                LATENTS,
                images.shape(),
                null,
                null,
                latentShape,
                encoder.file(),
                encoder.script().isEmpty() ? null : encoder.script(),
                encoder.run().isEmpty() ? null : encoder.run(),
                images.datasetHash(),
                images.classes(),
                configHash,
                images.seed(),
                shards,
                shards.stream().mapToLong(ShardInfo::rows).sum(),
                hashOf(shards));
        String difference = manifest.misalignment(images);
        Check.argument(difference.isEmpty(), "%s", difference);
        return manifest;
    }

    /** The reasons why these latents are not row-aligned with pictures; empty where they are. */
    String misalignment(DatasetManifest images) {
        if (!images.datasetHash().equals(imagesHash)) {
            return "latents were made from images " + imagesHash + ", these are " + images.datasetHash();
        }
        if (shards.size() != images.shards().size()) {
            return "there are " + shards.size() + " latent shards for "
                    + images.shards().size() + " image shards";
        }
        for (int i = 0; i < shards.size(); i++) {
            ShardInfo own = shards.get(i);
            ShardInfo other = images.shards().get(i);
            if (!own.rowGroups().equals(other.rowGroups())) {
                return "row groups of latent shard " + own.name() + " are " + own.rowGroups() + ", of image shard "
                        + other.name() + " " + other.rowGroups();
            }
        }
        return "";
    }

    /** SHA-256 of the shards' digests in order, each followed by a newline; 64 hex digits. */
    public static String hashOf(List<ShardInfo> shards) {
        StringBuilder digests = new StringBuilder();
        for (ShardInfo shard : shards) {
            digests.append(shard.sha256()).append('\n');
        }
        return Hashes.sha256(digests.toString());
    }

    /** The content of {@code _manifest.json}; the same for equal manifests. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("manifest of plain fields cannot be written", e);
        }
    }

    /**
     * Reads the content of {@code _manifest.json}, of this version or of version 2, which said {@code resolution} and
     * {@code frames} in place of {@code shape}.
     *
     * @param where named in the error
     * @throws CorruptDataException where the text is not a manifest of these versions, or does not add up
     */
    public static DatasetManifest fromJson(String json, String where) throws CorruptDataException {
        try {
            JsonNode tree = JSON.readTree(json);
            if (tree instanceof ObjectNode fields && tree.path("formatVersion").asInt() == VERSION_OF_SQUARES) {
                giveShapes(fields);
            }
            return JSON.treeToValue(tree, DatasetManifest.class);
        } catch (JsonProcessingException | NullPointerException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CorruptDataException(
                    where + ": not a readable manifest: " + cause.getMessage() + "; prepare the data set again", e);
        }
    }

    /** Fields of version 2, of squares of three channels and of latents of one frame, as they are named now. */
    private static void giveShapes(ObjectNode fields) {
        fields.put("formatVersion", FORMAT_VERSION);
        int resolution = fields.path("resolution").asInt();
        if (resolution > 0) {
            fields.putObject("shape")
                    .put("frames", fields.path("frames").asInt(1))
                    .put("height", resolution)
                    .put("width", resolution)
                    .put("channels", 3);
        }
        fields.remove(List.of("resolution", "frames"));
        if (fields.get("latentShape") instanceof ObjectNode latent) {
            latent.put("frames", 1);
        }
    }
}
