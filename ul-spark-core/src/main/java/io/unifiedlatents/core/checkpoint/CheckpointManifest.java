package io.unifiedlatents.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.lease.WriterId;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The table of contents of a committed checkpoint. Format version 1 had no writer, parameters, hashes and position;
 * they are empty, and the position is −1, where such a checkpoint is read.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param step training steps completed
 * @param writer who wrote it; {@link WriterId#NONE} in format version 1
 * @param worldSize ranks that wrote it; a reader may have any other number
 * @param vectors float32 state vectors by name, with their whole lengths; all are equal
 * @param samplesPerStream samples that each stream of the data has given to the steps so far
 * @param layoutHash see {@link CheckpointHeader}
 * @param parameters see {@link CheckpointHeader}
 * @param scriptHash see {@link CheckpointHeader}
 * @param identityHash see {@link CheckpointHeader}
 * @param config see {@link CheckpointHeader}
 * @param extra see {@link CheckpointHeader}
 * @param files one per writing rank; their ranges follow each other from 0 to the vectors' length
 */
public record CheckpointManifest(
        int formatVersion,
        long step,
        WriterId writer,
        int worldSize,
        Map<String, Long> vectors,
        long samplesPerStream,
        String layoutHash,
        List<CheckpointHeader.Parameter> parameters,
        String scriptHash,
        String identityHash,
        JsonNode config,
        Map<String, String> extra,
        List<FileEntry> files) {
    /** The version of docs/formats/checkpoint.md that this program writes; it reads version 1, too. */
    public static final int FORMAT_VERSION = 2;

    static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT, SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * A file with one rank's range of every vector.
     *
     * @param name in the checkpoint's directory
     * @param bytes its length
     * @param sha256 digest of the whole file, lower-case hexadecimal
     * @param begin first element that it holds of each vector
     * @param end one past the last
     */
    public record FileEntry(String name, long bytes, String sha256, int rank, long begin, long end) {}

    public CheckpointManifest {
        vectors = Map.copyOf(vectors);
        parameters = List.copyOf(parameters);
        extra = Map.copyOf(extra);
        files = List.copyOf(files);
    }

    byte[] toJson() throws IOException {
        return JSON.writeValueAsBytes(this);
    }

    /**
     * Parses a manifest and checks that its files cover the vectors.
     *
     * @param file its full path, for messages
     */
    static CheckpointManifest parse(String file, byte[] json, long expectedStep, WriterId expectedWriter)
            throws CorruptDataException {
        CheckpointManifest manifest;
        try {
            manifest = JSON.treeToValue(completed(JSON.readTree(json)), CheckpointManifest.class);
        } catch (JsonProcessingException e) {
            throw corrupt(file, "not a manifest: " + e.getOriginalMessage(), e);
        } catch (IOException | RuntimeException e) {
            throw corrupt(file, "not a manifest: " + e.getMessage(), e);
        }
        String fault = manifest.fault(expectedStep, expectedWriter);
        if (!fault.isEmpty()) {
            throw corrupt(file, fault, null);
        }
        return manifest;
    }

    /** A manifest of format version 1 with the fields that came later. */
    private static JsonNode completed(JsonNode manifest) {
        if (manifest.path("formatVersion").asInt() == 1) {
            ObjectNode fields = (ObjectNode) manifest;
            fields.put("writer", WriterId.NONE.toString())
                    .put("samplesPerStream", -1)
                    .put("scriptHash", "")
                    .put("identityHash", "")
                    .putArray("parameters");
        }
        return manifest;
    }

    private String fault(long expectedStep, WriterId expectedWriter) {
        if (formatVersion != 1 && formatVersion != FORMAT_VERSION) {
            return "format version " + formatVersion + ", this program reads 1 and " + FORMAT_VERSION;
        }
        if (step != expectedStep || !writer.equals(expectedWriter)) {
            return "step " + step + " of writer " + writer + " in the directory of step " + expectedStep + " of writer "
                    + expectedWriter;
        }
        long at = 0;
        for (FileEntry entry : files) {
            if (!PLAIN_NAME.matcher(entry.name).matches()
                    || !SHA256.matcher(entry.sha256).matches()) {
                return "entry " + entry + " has an unusable name or digest";
            }
            if (entry.begin != at || entry.end < at) {
                return "file " + entry.name + " begins at " + entry.begin + ", expected " + at;
            }
            at = entry.end;
        }
        for (Map.Entry<String, Long> vector : vectors.entrySet()) {
            if (vector.getValue() != at) {
                return "files end at " + at + ", vector " + vector.getKey() + " at " + vector.getValue();
            }
        }
        return files.size() == worldSize ? "" : "lists " + files.size() + " files of " + worldSize + " ranks";
    }

    static CorruptDataException corrupt(String file, String reason, @Nullable Throwable cause) {
        return new CorruptDataException(file + ": " + reason + "; resume from an earlier checkpoint", cause);
    }
}
