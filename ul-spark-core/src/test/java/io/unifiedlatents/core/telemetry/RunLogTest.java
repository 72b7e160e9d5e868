package io.unifiedlatents.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunLogTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @TempDir
    Path folder;

    @Test
    void everyAttemptWritesItsOwnFileAndEveryLineIsVisibleAtOnce() throws IOException {
        Storage storage = Storage.at(folder.toUri().toString(), new Configuration());
        try (RunLog first = RunLog.open(storage, 1, CLOCK);
                RunLog second = RunLog.open(storage, 2, CLOCK)) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("step", 3L);
            fields.put("loss", Double.NaN);
            fields.put("event", "cannot replace the event");
            fields.put("nested", Map.of("norm", Float.POSITIVE_INFINITY));
            first.write("step", fields);
            second.write("stop", Map.of());
            assertThat(storage.readText("log-0.jsonl"))
                    .isEqualTo("{\"time\":\"2026-01-02T03:04:05Z\",\"event\":\"step\",\"step\":3,\"loss\":null,"
                            + "\"nested\":{\"norm\":null}}\n");
            assertThat(second.name()).isEqualTo("log-1.jsonl");
            assertThat(storage.readText("log-1.jsonl"))
                    .isEqualTo("{\"time\":\"2026-01-02T03:04:05Z\",\"event\":\"stop\"}\n");
        }
    }
}
