package io.unifiedlatents.core.lease;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.unifiedlatents.core.storage.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The lease records of one directory, {@code _lease/<number>-<id>.json}. Each is written by one process only and stays
 * once its lease was held, so the highest number there is that of the newest lease.
 */
final class LeaseRecords {
    private static final Pattern NAME = Pattern.compile("\\d{12}-[0-9a-f-]{36}\\.json");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Storage directory;

    LeaseRecords(Storage output) {
        this.directory = output.directory(Lease.FOLDER);
    }

    /** A name for a record that no other process takes. */
    static String newName(long number) {
        return String.format("%012d-%s.json", number, UUID.randomUUID());
    }

    static long number(String name) {
        return Long.parseLong(name.substring(0, name.indexOf('-')));
    }

    void publish(String name, LeaseRecord record) throws IOException {
        directory.publish(name, JSON.writeValueAsBytes(record));
    }

    void delete(String name) throws IOException {
        directory.delete(name);
    }

    /** Names of all records, ascending by number. */
    List<String> names() throws IOException {
        return directory.list().stream()
                .filter(name -> NAME.matcher(name).matches())
                .toList();
    }

    /** The records of the highest number by name: one, and those of processes that are about to withdraw theirs. */
    Map<String, byte[]> newest() throws IOException {
        while (true) {
            List<String> names = names();
            Map<String, byte[]> records = new TreeMap<>();
            for (String name : names) {
                if (number(name) == newestNumber(names)) {
                    read(name).ifPresent(content -> records.put(name, content));
                }
            }
            if (!records.isEmpty() || names.isEmpty()) {
                return records;
            }
        }
    }

    static long newestNumber(List<String> names) {
        return names.isEmpty() ? 0 : number(names.get(names.size() - 1));
    }

    /** Empty where its writer has withdrawn it. */
    Optional<byte[]> read(String name) throws IOException {
        try {
            return Optional.of(directory.read(name));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }

    /** The content of a record; null where it is cut or empty. */
    static @Nullable LeaseRecord parse(byte[] json) {
        try {
            return JSON.readValue(json, LeaseRecord.class);
        } catch (IOException e) {
            return null;
        }
    }
}
