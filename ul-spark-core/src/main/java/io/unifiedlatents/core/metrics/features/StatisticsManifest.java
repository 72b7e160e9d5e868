package io.unifiedlatents.core.metrics.features;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.util.List;
import java.util.Map;

/**
 * The manifest of reference statistics, {@code statistics.json}, written last: their pictures and their detector.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param source data set or file of the pictures
 * @param sourceHash its data set hash, or SHA-256
 * @param count pictures or clips taken, from the first on
 * @param measurement how features were made; statistics serve only evaluations that make theirs alike
 * @param rows vectors of each unit by kind, where the feature files were kept; empty where not
 * @param vectors that mean and covariance were made of
 * @param dimensions of a vector
 * @param sha256 of {@value #ARRAYS}
 */
public record StatisticsManifest(
        int formatVersion,
        String source,
        String sourceHash,
        long count,
        Map<String, Object> measurement,
        Map<String, List<Integer>> rows,
        long vectors,
        int dimensions,
        String sha256) {
    /** File of the manifest. */
    public static final String NAME = "statistics.json";

    /** File of {@code mu} and {@code sigma}, and of {@code mu_s} and {@code sigma_s} for spatial features. */
    public static final String ARRAYS = "statistics.npz";

    /** The version written and the only one read. */
    public static final int FORMAT_VERSION = 1;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

    /** Checks version and counts. */
    public StatisticsManifest {
        Check.argument(
                formatVersion == FORMAT_VERSION,
                "format version %d is not %d; read it with the version of the program that wrote it",
                formatVersion,
                FORMAT_VERSION);
        Check.argument(
                count > 0 && vectors > 0 && dimensions > 0,
                "count=%d, vectors=%d and dimensions=%d must be positive",
                count,
                vectors,
                dimensions);
    }

    /** The content of {@value #NAME}. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a manifest of plain fields cannot be written", e);
        }
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param where named in the error
     * @throws CorruptDataException where it is no such manifest
     */
    public static StatisticsManifest fromJson(String json, String where) throws CorruptDataException {
        try {
            return JSON.readValue(json, StatisticsManifest.class);
        } catch (JsonProcessingException e) {
            throw new CorruptDataException(
                    where + " is no manifest of reference statistics: " + e.getOriginalMessage() + "; make them again",
                    e);
        }
    }
}
