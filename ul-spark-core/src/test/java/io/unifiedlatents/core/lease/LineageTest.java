package io.unifiedlatents.core.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineageTest {
    @TempDir
    Path folder;

    private Storage stage;

    @BeforeEach
    void open() throws IOException {
        stage = Storage.at(folder.toUri().toString(), new Configuration());
    }

    private static WriterId writer(String text) {
        return WriterId.parse(text);
    }

    private static List<String> writers(Lineage lineage, long... steps) {
        return LongStream.of(steps)
                .mapToObj(step -> lineage.writerOf(step).toString())
                .toList();
    }

    @Test
    void everyStepIsOfOneWriter() {
        Lineage lineage =
                Lineage.NONE.next(writer("1.1"), 100).next(writer("1.2"), 200).next(writer("2.1"), 200);
        assertThat(writers(lineage, 1, 100, 101, 200, 201, Long.MAX_VALUE))
                .containsExactly("0.0", "0.0", "1.1", "1.1", "2.1", "2.1"); // 1.2 made no step
        assertThat(writers(lineage.next(writer("3.1"), 150), 100, 150, 151, 200, 201))
                .containsExactly("0.0", "1.1", "3.1", "3.1", "3.1"); // steps after 150 are made anew
        assertThat(lineage.next(writer("3.1"), 0).before()).isEmpty();
    }

    @Test
    void theNewestIsThatOfTheHighestWriterWheneverItWasPublished() throws IOException {
        assertThat(Lineage.of(stage)).isEqualTo(Lineage.NONE);
        for (String text : List.of("2.1", "2.9", "10.1", "9.2", "10.0")) {
            Lineage.NONE.next(writer(text), 7).publish(stage);
        }
        assertThat(Lineage.of(stage))
                .isEqualTo(new Lineage(writer("10.1"), List.of(new Lineage.Span(WriterId.NONE, 7))));
        Lineage.of(stage).next(writer("11.1"), 8).publish(stage);
        assertThat(stage.directory("lineage").list()).containsExactly("11.1.json"); // it replaces all before it
    }

    @Test
    void aCutFileIsNamed() throws IOException {
        stage.publish("lineage/1.1.json", "{\"writer\":");
        assertThatThrownBy(() -> Lineage.of(stage))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageStartingWith(stage.path("lineage/1.1.json") + ": not a lineage: ")
                .hasMessageEndingWith("; restore the file");
    }
}
