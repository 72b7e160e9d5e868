package io.unifiedlatents.core.data;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code _manifest.json} says of a data set. It is written last: a directory without it is not a data set.
 *
 * @param formatVersion version of shards and manifest, {@link #FORMAT_VERSION}
 * @param kind {@link #IMAGES}, {@link #CLIPS} or {@link #LATENTS}
 * @param resolution side of the square pictures in pixels, 0 where they are of any size; for latents, of the pictures
 *     they were made from
 * @param frames of each clip; null for pictures and latents
 * @param encoding how pictures and clips are stored, {@link Encoding#text}; null for latents
 * @param transform how pictures and clips were made from their sources; null for latents
 * @param latentShape shape of each latent; null for images
 * @param encoderHash hash of the encoder that made the latents; null for images
 * @param imagesHash dataset hash of the pictures the latents were made from; null for images
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
        int resolution,
        @Nullable Integer frames,
        @Nullable Encoding encoding,
        @Nullable String transform,
        @Nullable LatentShape latentShape,
        @Nullable String encoderHash,
        @Nullable String imagesHash,
        List<String> classes,
        String configHash,
        long seed,
        List<ShardInfo> shards,
        long rows,
        String datasetHash) {
    /** File name of the manifest. */
    public static final String NAME = "_manifest.json";

    /** The version written and the only one read. */
    public static final int FORMAT_VERSION = 2;

    /** Kind of a data set of pictures. */
    public static final String IMAGES = "images";

    /** Kind of a data set of clips. */
    public static final String CLIPS = "clips";

    /** Kind of a data set of latents. */
    public static final String LATENTS = "latents";

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
        Check.argument(clips == (frames != null), "frames belongs to clips; kind is %s", kind);
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

    /** Manifest of pictures, {@code resolution} being 0 where they are of any size. */
    public static DatasetManifest images(int resolution, ShardFooter made, long seed, List<ShardInfo> shards) {
        return prepared(IMAGES, resolution, null, made, seed, shards);
    }

    /** Manifest of clips of {@code frames} frames each. */
    public static DatasetManifest clips(
            int resolution, int frames, ShardFooter made, long seed, List<ShardInfo> shards) {
        return prepared(CLIPS, resolution, frames, made, seed, shards);
    }

    private static DatasetManifest prepared(
            String kind,
            int resolution,
            @Nullable Integer frames,
            ShardFooter made,
            long seed,
            List<ShardInfo> shards) {
        return new DatasetManifest(
                FORMAT_VERSION,
                kind,
                resolution,
                frames,
                made.encoding(),
                made.transform(),
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
     * @throws IOException where the bytes are damaged
     */
    public Rgb decode(byte[] stored) throws IOException {
        if (encoding == null) {
            throw new IllegalStateException("latents are no pictures");
        }
        return encoding.decode(stored, resolution, resolution * (frames == null ? 1 : frames));
    }

    /**
     * Manifest of latents of a data set of pictures.
     *
     * @param images what the latents were made from: their classes, seed and resolution are taken over
     * @param shards one per shard of {@code images}, in the same order, with the same row groups
     * @throws IllegalArgumentException where {@code shards} are not aligned with those of {@code images}
     */
    public static DatasetManifest latents(
            DatasetManifest images, LatentShape shape, String encoderHash, String configHash, List<ShardInfo> shards) {
        DatasetManifest manifest = new DatasetManifest(
                FORMAT_VERSION,
                LATENTS,
                images.resolution(),
                null,
                null,
                null,
                shape,
                encoderHash,
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

    /** What keeps these latents from being row-aligned with pictures; empty where nothing does. */
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
     * Reads the content of {@code _manifest.json}.
     *
     * @param where named in the error
     * @throws CorruptDataException where the text is not a manifest of this version, or does not add up
     */
    public static DatasetManifest fromJson(String json, String where) throws CorruptDataException {
        try {
            return JSON.readValue(json, DatasetManifest.class);
        } catch (JsonProcessingException | NullPointerException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            CorruptDataException corrupt = new CorruptDataException(
                    where + ": not a readable manifest: " + cause.getMessage() + "; prepare the data set again");
            corrupt.initCause(e);
            throw corrupt;
        }
    }
}
