package io.unifiedlatents.dataprep;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a preparation did; kept as {@code _prepare.json} in the output directory, written last.
 *
 * @param source directory the pictures came from, fully qualified
 * @param configHash hash of the settings that decide the content
 * @param inputs files found
 * @param kept files in the data sets
 * @param skipped files left out; {@code kept + skipped = inputs}
 * @param skippedByReason number of skipped files by reason, without the details of each file
 * @param classes number of classes
 * @param trainRows rows of the training data set
 * @param trainHash its dataset hash
 * @param validationRows rows of the held-out data set, 0 where there is none
 * @param validationHash its dataset hash, empty where there is none
 * @param alreadyDone whether this was found done, and nothing was written
 */
public record PrepareReport(
        String source,
        String configHash,
        long inputs,
        long kept,
        long skipped,
        Map<String, Long> skippedByReason,
        int classes,
        long trainRows,
        String trainHash,
        long validationRows,
        String validationHash,
        @JsonIgnore boolean alreadyDone) {
    /** File name of the report. */
    public static final String NAME = "_prepare.json";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Checks that the counts add up. */
    public PrepareReport {
        Check.argument(kept + skipped == inputs, "kept %d + skipped %d is not inputs %d", kept, skipped, inputs);
        Check.argument(
                trainRows + validationRows == kept,
                "train rows %d + validation rows %d is not kept %d",
                trainRows,
                validationRows,
                kept);
        skippedByReason = new TreeMap<>(skippedByReason);
        long reasons =
                skippedByReason.values().stream().mapToLong(Long::longValue).sum();
        Check.argument(reasons == skipped, "reasons count %d, skipped are %d", reasons, skipped);
    }

    /** One line for the console. */
    public String summary() {
        String what = "%d inputs = %d kept + %d skipped %s; train %d rows (%s), validation %d rows; config %s"
                .formatted(inputs, kept, skipped, skippedByReason, trainRows, trainHash, validationRows, configHash);
        return alreadyDone ? "nothing to do, already prepared: " + what : what;
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("report of plain fields cannot be written", e);
        }
    }

    static PrepareReport fromJson(String json, String where) throws CorruptDataException {
        try {
            return JSON.readValue(json, PrepareReport.class);
        } catch (JsonProcessingException e) {
            CorruptDataException corrupt = new CorruptDataException(
                    where + ": not a readable report: " + e.getMessage() + "; prepare into another directory");
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    PrepareReport asAlreadyDone() {
        return new PrepareReport(
                source,
                configHash,
                inputs,
                kept,
                skipped,
                skippedByReason,
                classes,
                trainRows,
                trainHash,
                validationRows,
                validationHash,
                true);
    }
}
