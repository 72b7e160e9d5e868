package io.unifiedlatents.core.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import io.unifiedlatents.core.config.Settings;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The history of a run, {@value #NAME} in the directory of its stage: one entry for each time that training started or
 * resumed, with everything that changed from that step on.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param stage that is trained
 * @param starts in the order in which they happened
 */
public record RunRecord(int formatVersion, StageName stage, List<Start> starts) {
    /** File name of the record. */
    public static final String NAME = "run.json";

    /** The version of docs/formats/run.md that this program writes and reads. */
    public static final int FORMAT_VERSION = 1;

    /**
     * One start of training.
     *
     * @param at time, ISO 8601 in UTC
     * @param step that training went on from; 0 for the beginning
     * @param software version of UL-Spark
     * @param engine version of libtorch
     * @param user of the operating system
     * @param host of the driver
     * @param application Spark's id
     * @param identityHash see {@link RunIdentity#hash}
     * @param scriptHash SHA-256 of the training script
     * @param changes settings that have another value from this step on
     * @param startFrom checkpoint or file whose weights a new run starts from; null for random ones
     * @param startedParameters parameters taken from there; null for random ones
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Start(
            String at,
            long step,
            String software,
            String engine,
            String user,
            String host,
            String application,
            String identityHash,
            String scriptHash,
            List<Settings.Change> changes,
            @Nullable String startFrom,
            @Nullable Integer startedParameters) {
        public Start {
            changes = List.copyOf(changes);
        }
    }

    public RunRecord {
        starts = List.copyOf(starts);
    }

    /** Reads the record of a stage; one without starts where there is none yet. */
    public static RunRecord read(Storage directory, StageName stage) throws IOException {
        if (!directory.exists(NAME)) {
            return new RunRecord(FORMAT_VERSION, stage, List.of());
        }
        try {
            return CheckpointManifest.JSON
                    .readerFor(RunRecord.class)
                    .without( // nulls are left out
                            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                            DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .readValue(directory.read(NAME));
        } catch (JsonProcessingException e) {
            throw new CorruptDataException(
                    directory.path(NAME) + " cannot be read: " + e.getOriginalMessage()
                            + "; restore it, or remove it to begin a new record",
                    e);
        }
    }

    /** Adds a start and publishes the record. */
    public static void append(Storage directory, StageName stage, Start start) throws IOException {
        List<Start> starts = new ArrayList<>(read(directory, stage).starts);
        starts.add(start);
        directory.publish(
                NAME, CheckpointManifest.JSON.writeValueAsBytes(new RunRecord(FORMAT_VERSION, stage, starts)));
    }
}
