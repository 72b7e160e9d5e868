package io.unifiedlatents.dataprep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ClipOffset;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipRow;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.check.DatasetCheck;
import io.unifiedlatents.dataprep.clip.Clip;
import io.unifiedlatents.dataprep.clip.ClipReader;
import io.unifiedlatents.dataprep.clip.ClipSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareVideosTest {
    private static final Path SAMPLES = Path.of("src/test/resources/clip");
    private static SparkSession spark;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        spark = SparkSession.builder()
                .master("local[2]")
                .appName("PrepareVideosTest")
                .config("spark.ui.enabled", false)
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    /** Kinetics as it comes: some videos cut, one whole, one damaged, one gone, one that no row is about. */
    @BeforeEach
    void layOut() throws IOException {
        copy("h264.mp4", "train/riding a bike/AAAAAAAAAAA_000003_000013.mp4");
        copy("vp9.webm", "train/riding a bike/BBBBBBBBBBB_000000_000010.webm");
        copy("mpeg4.avi", "val/playing chess/CCCCCCCCCCC.avi");
        copy("theora.ogv", "test/playing chess/DDDDDDDDDDD_000010_000020.ogv");
        copy("mjpeg.avi", "stray.avi");
        byte[] whole = Files.readAllBytes(SAMPLES.resolve("h264.mp4"));
        Files.write(place("train/juggling/EEEEEEEEEEE_000000_000010.mp4"), Arrays.copyOf(whole, whole.length * 2 / 3));
        Files.writeString(directory.resolve("kinetics.csv"), """
                label,youtube_id,time_start,time_end,split
                riding a bike,AAAAAAAAAAA,3,13,train
                riding a bike,BBBBBBBBBBB,0,10,train
                playing chess,CCCCCCCCCCC,0.4,10,val
                playing chess,DDDDDDDDDDD,10,20,test
                juggling,EEEEEEEEEEE,0,10,train
                juggling,FFFFFFFFFFF,7,17,train
                """);
    }

    private void copy(String sample, String name) throws IOException {
        Files.copy(SAMPLES.resolve(sample), place(name));
    }

    private Path place(String name) throws IOException {
        Path file = directory.resolve("videos").resolve(name);
        Files.createDirectories(file.getParent());
        return file;
    }

    private PrepareConfig config(String output, String... overrides) {
        List<String> settings = new ArrayList<>(List.of(
                "prepare.source=" + directory.resolve("videos"),
                "prepare.annotations=" + directory.resolve("kinetics.csv"),
                "prepare.output=" + directory.resolve(output),
                "prepare.split=annotations",
                "prepare.height=32",
                "prepare.width=32",
                "prepare.maxBadFraction=0.5",
                "prepare.clips.frames=4",
                "prepare.clips.offset=all"));
        settings.addAll(List.of(overrides));
        return ConfigLoader.load("", "", settings).prepare();
    }

    private List<ClipRow> rows(String output, String split) throws IOException {
        Dataset dataset =
                Dataset.open(Storage.at(directory.resolve(output).resolve(split).toString(), new Configuration()));
        assertThat(dataset.manifest().kind()).isEqualTo(DatasetManifest.CLIPS);
        assertThat(dataset.manifest().shape()).isEqualTo(new SampleShape(4, 32, 32, 3));
        List<ClipRow> rows = new ArrayList<>();
        for (ShardInfo shard : dataset.manifest().shards()) {
            try (ShardReader reader = dataset.open(shard)) {
                for (int group = 0; group < reader.rowGroups(); group++) {
                    rows.addAll(reader.clips(group));
                }
            }
        }
        return rows;
    }

    @Test
    void everyVideoIsAccountedForAndEveryRowIsItsWindow() throws Exception {
        PrepareReport report =
                Preparation.videos(spark, config("out", "prepare.encoding=raw")).run(LeaseTerms.DEFAULT);

        assertThat(report.inputs()).isEqualTo(7);
        assertThat(report.kept()).isEqualTo(4);
        assertThat(report.missing()).isEqualTo(1);
        assertThat(report.skippedByReason()).containsOnlyKeys("damaged video", "not annotated");
        assertThat(report.classes()).isEqualTo(2);
        ClipSettings settings = new ClipSettings(new SampleShape(4, 32, 32, 3), 1, 0, ClipOffset.ALL, 0);
        List<ClipRow> train = rows("out", "train");
        for (String name : List.of("AAAAAAAAAAA_000003_000013.mp4", "BBBBBBBBBBB_000000_000010.webm")) {
            String source = "train/riding a bike/" + name;
            byte[] file = Files.readAllBytes(directory.resolve("videos").resolve(source));
            List<Clip> expected = ClipReader.read(file, settings, "", null);
            List<ClipRow> own = train.stream()
                    .filter(row -> row.stack().source().equals(source))
                    .toList();
            assertThat(own).hasSameSizeAs(expected);
            for (ClipRow row : own) {
                Clip clip = expected.get(row.timing().window());
                assertThat(row.stack().image()).isEqualTo(clip.pixels());
                assertThat(row.timing().seconds())
                        .containsExactlyElementsOf(
                                Arrays.stream(clip.seconds()).boxed().toList());
                assertThat(row.stack().id())
                        .isEqualTo(Hashes.sampleId(source, row.timing().window()));
                assertThat(row.stack().className()).isEqualTo("riding a bike");
            }
        }
        assertThat(rows("out", "validation"))
                .isNotEmpty()
                .allSatisfy(
                        row -> // an untrimmed video: its row begins at 0.4 s
                        assertThat(row.timing().seconds().get(0)).isGreaterThanOrEqualTo(0.4));
        assertThat(rows("out", "test")).isNotEmpty();
    }

    @Test
    void preparedClipsPassTheCheckAndComeOutTheSameAgain() throws Exception {
        PrepareConfig config = config("out", "prepare.clips.offset=random", "prepare.clips.fps=10");
        Preparation.videos(spark, config).run(LeaseTerms.DEFAULT);
        Storage output = Storage.at(config.output(), new Configuration());
        assertThat(DatasetCheck.run(spark, output, true, 20).table()).endsWith("as they should be");
        assertThat(SourceCheck.run(spark, output, config, 1, 20)).isEqualTo(new SourceCheck.Result(4, 0, List.of()));

        copy("h264.ts", "train/riding a bike/new.ts");
        Files.delete(place("train/riding a bike/AAAAAAAAAAA_000003_000013.mp4"));
        Files.copy(SAMPLES.resolve("vp8.webm"), place("test/playing chess/other"));
        Files.move(
                place("test/playing chess/other"),
                place("test/playing chess/DDDDDDDDDDD_000010_000020.ogv"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        SourceCheck.Result changed = SourceCheck.run(spark, output, config, 1, 20);
        assertThat(changed.compared()).isEqualTo(4);
        assertThat(changed.different()).isEqualTo(2);
        assertThat(changed.descriptions().get(0))
                .startsWith("test/playing chess/DDDDDDDDDDD_000010_000020.ogv (id ")
                .contains(" and comes out as ");
        assertThat(changed.descriptions().get(1))
                .startsWith("train/riding a bike/AAAAAAAAAAA_000003_000013.mp4 (id ")
                .endsWith(" and cannot be made again");
    }

    @Test
    void sourcesAreComparedWithTheSettingsOfTheDataSetOnly() throws Exception {
        PrepareConfig config = config("out");
        Preparation.videos(spark, config).run(LeaseTerms.DEFAULT);
        Storage output = Storage.at(config.output(), new Configuration());
        assertThatThrownBy(() -> SourceCheck.run(spark, output, config("out", "prepare.clips.stride=2"), 1, 20))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("was prepared with config hash")
                .hasMessageContaining("give those it was prepared with");
    }

    @Test
    void settingsOfPicturesAreRefused() {
        assertThatThrownBy(() -> Preparation.videos(spark, config("out", "prepare.transform=stretch"))
                        .run(LeaseTerms.DEFAULT))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("prepare.transform=stretch is for pictures");
    }
}
