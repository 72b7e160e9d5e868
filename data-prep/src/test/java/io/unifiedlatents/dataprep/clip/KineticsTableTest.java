package io.unifiedlatents.dataprep.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KineticsTableTest {
    private static final String CSV = """
            label,youtube_id,time_start,time_end,split
            riding a bike,-0-aBcD_eF1,5,15,train
            "pushing car, slowly",AAAAAAAAAAA,0,10,validate
            person's head,__123456789,120,130,test
            """;

    private static KineticsTable table(String csv) {
        try {
            return KineticsTable.parse(new StringReader(csv), "kinetics.csv");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "riding a bike/-0-aBcD_eF1_000005_000015.mp4",
                "riding_a_bike/-0-aBcD_eF1_000005_000015.mp4",
                "train/riding_a_bike/-0-aBcD_eF1_000005_000015.mkv",
                "-0-aBcD_eF1_000005_000015.mp4",
                "train/-0-aBcD_eF1_000005_000015.mp4"
            })
    void cutFilesAreFoundInAnyLayout(String path) {
        KineticsRow row = new KineticsRow("riding a bike", "-0-aBcD_eF1", 5, 15, "train");
        assertThat(table(CSV).find(path)).contains(new KineticsClip(row, "train", null));
    }

    @Test
    void wholeVideosHaveTheSpanOfTheirRow() {
        KineticsClip clip = table(CSV).find("videos/__123456789.webm").orElseThrow();
        assertThat(clip.row().label()).isEqualTo("person's head");
        assertThat(clip.split()).isEqualTo("test");
        assertThat(clip.span()).isEqualTo(new Span(120, 130));
    }

    @Test
    void columnsComeInAnyOrderAndTheSplitFromTheDirectory() {
        KineticsTable table = table("""
                is_cc,time_end,split_,youtube_id,label,time_start
                0,15.0,x,AAAAAAAAAAA,"pushing car, slowly",5.0
                """);
        KineticsClip clip = table.find("val/pushing car, slowly/AAAAAAAAAAA_000005_000015.mp4")
                .orElseThrow();
        assertThat(clip.row()).isEqualTo(new KineticsRow("pushing car, slowly", "AAAAAAAAAAA", 5, 15, null));
        assertThat(clip.split()).isEqualTo("validation");
        assertThat(table.find("AAAAAAAAAAA_000005_000015.mp4").orElseThrow().split())
                .isNull();
    }

    @Test
    void otherFilesAreUnknown() {
        KineticsTable table = table(CSV);
        assertThat(table.find("riding a bike/-0-aBcD_eF1_000006_000016.mp4")).isEmpty();
        assertThat(table.find("readme.txt")).isEmpty();
    }

    @Test
    void rowsWithoutAFileAreListed() {
        KineticsTable table = table(CSV);
        assertThat(table.missing(List.of("train/-0-aBcD_eF1_000005_000015.mp4", "else.mp4", "__123456789.mp4")))
                .containsExactly(new KineticsRow("pushing car, slowly", "AAAAAAAAAAA", 0, 10, "validate"));
    }

    @Test
    void directoriesDecideBetweenRowsOfOneVideo() {
        KineticsTable table = table("""
                label,youtube_id,time_start,time_end,split
                yoga,AAAAAAAAAAA,0,10,train
                tai chi,AAAAAAAAAAA,20,30,train
                """);
        assertThat(table.find("tai_chi/AAAAAAAAAAA.mp4").orElseThrow().span()).isEqualTo(new Span(20, 30));
        assertThatThrownBy(() -> table.find("AAAAAAAAAAA.mp4"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("AAAAAAAAAAA.mp4 may be any of 2 rows of the table; cut it");
    }

    @Test
    void badTablesAreRefusedByLine() {
        assertThatThrownBy(() -> table("label,youtube_id,time_start\nyoga,AAAAAAAAAAA,0\n"))
                .hasMessage("kinetics.csv has no column time_end but [label, youtube_id, time_start]");
        assertThatThrownBy(() -> table("label,youtube_id,time_start,time_end\nyoga,AAAAAAAAAAA,zero,10\n"))
                .hasMessage("kinetics.csv line 2: time_start=zero is no number of seconds");
        assertThatThrownBy(() -> table("label,youtube_id,time_start,time_end\nyoga,AAAAAAAAAAA,10,10\n"))
                .hasMessage("kinetics.csv line 2: from 10.0 s to 10.0 s is no part of a video");
        assertThatThrownBy(() -> table("label,youtube_id,time_start,time_end\nyoga,,0,10\n"))
                .hasMessage("kinetics.csv line 2: youtube_id is empty");
        assertThatThrownBy(() -> table("label,youtube_id,time_start,time_end\nyoga,\"open,0,10\n"))
                .hasMessage("kinetics.csv, line 2: a quote is not closed; correct the table");
        assertThatThrownBy(() -> table("")).hasMessageStartingWith("kinetics.csv is empty");
    }
}
