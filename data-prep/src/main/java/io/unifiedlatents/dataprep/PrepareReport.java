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
 * The report of a preparation: {@code _prepare.json} in the output directory, written last.
 *
 * @param source where the inputs came from, fully qualified
 * @param configHash hash of the settings that decide the content
 * @param inputs number of inputs found or annotated
 * @param kept inputs with rows in the data sets
 * @param skipped inputs left out because they cannot be used
 * @param duplicates inputs left out because their content is in a data set already
 * @param missing inputs that are annotated and were not found; {@code kept + skipped + duplicates + missing = inputs}
 * @param skippedByReason number of skipped inputs by reason, without the particulars of each
 * @param classes number of classes
 * @param splits the data sets by their directory; those without rows are left out
 * @param alreadyDone whether this was found done, and nothing was written
 */
public record PrepareReport(
        String source,
        String configHash,
        long inputs,
        long kept,
        long skipped,
        long duplicates,
        long missing,
        Map<String, Long> skippedByReason,
        int classes,
        Map<String, Published> splits,
        @JsonIgnore boolean alreadyDone) {
    /**
     * A data set.
     *
     * @param rows in all its shards
     * @param datasetHash names its content
     */
    public record Published(long rows, String datasetHash) {}

    /** File name of the report. */
    public static final String NAME = "_prepare.json";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Checks that the counts add up. */
    public PrepareReport {
        Check.argument(
                kept + skipped + duplicates + missing == inputs,
                "kept %d + skipped %d + duplicates %d + missing %d is not inputs %d",
                kept,
                skipped,
                duplicates,
                missing,
                inputs);
        skippedByReason = new TreeMap<>(skippedByReason);
        long reasons =
                skippedByReason.values().stream().mapToLong(Long::longValue).sum();
        Check.argument(reasons == skipped, "reasons count %d, skipped are %d", reasons, skipped);
        splits = new TreeMap<>(splits);
    }

    /** Rows of a data set; 0 where there is none of that name. */
    public long rows(String split) {
        Published published = splits.get(split);
        return published == null ? 0 : published.rows();
    }

    /** One line for the console. */
    public String summary() {
        StringBuilder line = new StringBuilder(String.format(
                "%,d inputs = %,d kept + %,d skipped %s + %,d duplicates + %,d missing",
                inputs, kept, skipped, skippedByReason, duplicates, missing));
        splits.forEach((name, split) -> line.append(String.format("; %s %,d rows", name, split.rows())));
        return alreadyDone ? "nothing to do, already prepared: " + line : line.toString();
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
                source, configHash, inputs, kept, skipped, duplicates, missing, skippedByReason, classes, splits, true);
    }
}
