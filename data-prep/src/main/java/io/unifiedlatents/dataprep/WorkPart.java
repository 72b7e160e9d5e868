package io.unifiedlatents.dataprep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * The result of the first pass for one part of the source, as its index file holds it.
 *
 * @param data file with the bytes of the samples, beside the index
 * @param inputs one status for each input, in the order of the part
 */
record WorkPart(String data, List<Status> inputs) implements Serializable {
    private static final ObjectMapper JSON = new ObjectMapper();

    void publish(Storage work, String index) throws IOException {
        work.publish(index, JSON.writeValueAsBytes(this));
    }

    static WorkPart read(Storage work, String index) throws IOException {
        try {
            return JSON.readValue(work.read(index), WorkPart.class);
        } catch (JsonProcessingException e) {
            CorruptDataException corrupt = new CorruptDataException(
                    work.path(index) + ": not a readable index: " + e.getMessage() + "; delete it and run again");
            corrupt.initCause(e);
            throw corrupt;
        }
    }
}
