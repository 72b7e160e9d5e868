package io.unifiedlatents.dataprep.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipRow;
import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.Preparation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real pictures prepared by the real job; every damage is done to the files. */
class DatasetCheckTest {
    private static final String SHARD = "train/shard-000001.parquet";
    private static final List<String> CLASSES = List.of("met-floral", "nasa-deep-space", "nmk-korean-painting");
    private static final int ROW_GROUP_ROWS = 4;

    @TempDir
    private static Path prepared;

    @TempDir
    private Path copy;

    private static SparkSession spark;

    @BeforeAll
    static void prepare() throws Exception {
        spark = SparkSession.builder()
                .master("local[2]")
                .appName("DatasetCheckTest")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        Path pictures = prepared.resolve("pictures");
        for (String name : CLASSES) {
            Path target = Files.createDirectories(pictures.resolve(name));
            try (Stream<Path> files = Files.list(Path.of("../deploy/quickstart-pictures", name))) {
                for (Path file : files.sorted().limit(8).toList()) {
                    Files.copy(file, target.resolve(file.getFileName()));
                }
            }
        }
        Files.writeString(pictures.resolve("notes.txt"), "no picture");
        String yaml = """
                prepare: {source: %s, output: %s, height: 32, width: 32, rowGroupRows: %d, rowsPerShard: 8,
                          holdoutFraction: 0.3, maxBadFraction: 0.5, seed: 3}
                """;
        Preparation.images(
                        spark,
                        ConfigLoader.load(
                                        "",
                                        yaml.formatted(pictures, prepared.resolve("data"), ROW_GROUP_ROWS),
                                        List.of())
                                .prepare())
                .run(LeaseTerms.DEFAULT);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @BeforeEach
    void copyPrepared() throws Exception {
        Path from = prepared.resolve("data");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path to = copy.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
    }

    private CheckReport check() throws Exception {
        return DatasetCheck.run(spark, storage(""), true, 20);
    }

    private Storage storage(String name) throws Exception {
        return Storage.at(copy.resolve(name).toString(), new Configuration());
    }

    private static Problem only(CheckReport report, Problem.Kind kind) {
        assertThat(report.counts()).containsEntry(kind, 1L);
        return report.first().stream()
                .filter(problem -> problem.kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    /** Rows of one shard, in order. */
    private List<ImageRow> rows(String split, int index) throws Exception {
        Dataset dataset = Dataset.open(storage(split));
        List<ImageRow> rows = new ArrayList<>();
        try (ShardReader reader = dataset.open(dataset.manifest().shards().get(index))) {
            for (int group = 0; group < reader.rowGroups(); group++) {
                rows.addAll(reader.images(group));
            }
        }
        return rows;
    }

    /** Writes a shard again with other rows, and a manifest that agrees with its bytes. */
    private void rewrite(String split, int index, List<ImageRow> rows) throws Exception {
        Storage directory = storage(split);
        DatasetManifest old = Dataset.open(directory).manifest();
        ShardFooter footer =
                new ShardFooter(String.valueOf(old.transform()), Encoding.PNG, old.classes(), old.configHash());
        List<ShardInfo> shards = new ArrayList<>(old.shards());
        try (ShardWriter<ImageRow> writer =
                ShardWriter.images(directory, shards.get(index).name(), RowGroupLimit.rows(ROW_GROUP_ROWS), footer)) {
            for (ImageRow row : rows) {
                writer.write(row);
            }
            shards.set(index, writer.finish());
        }
        Dataset.publish(directory, DatasetManifest.images(old.shape(), footer, old.seed(), shards));
    }

    private void edit(String file, UnaryOperator<String> edit) throws Exception {
        Path path = copy.resolve(file);
        String before = Files.readString(path);
        String after = edit.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(path, after);
    }

    @Test
    void whatWasPreparedIsSound() throws Exception {
        CheckReport report = check();
        assertThat(report.first()).isEmpty();
        assertThat(report.sound()).isTrue();
        assertThat(report.datasets()).containsExactly("train", "validation");
        assertThat(report.rows()).isEqualTo(24);
        assertThat(report.table())
                .isEqualTo("24 rows in " + report.shards() + " shards of train, validation: as they should be");

        CheckReport train = DatasetCheck.run(spark, storage("train"), false, 20);
        assertThat(train.sound()).isTrue();
        assertThat(train.datasets()).containsExactly(".");
    }

    @Test
    void aFlippedByteOfAPictureIsFoundDownToItsRow() throws Exception {
        ImageRow victim = rows("train", 1).get(ROW_GROUP_ROWS + 1);
        byte[] bytes = Files.readAllBytes(copy.resolve(SHARD));
        bytes[indexOf(bytes, victim.image()) + victim.image().length / 2] ^= 1;
        Files.write(copy.resolve(SHARD), bytes);

        CheckReport report = check();
        assertThat(report.counts()).containsOnlyKeys(Problem.Kind.SHARD, Problem.Kind.PICTURE);
        assertThat(report.first())
                .filteredOn(problem -> problem.kind() == Problem.Kind.SHARD)
                .satisfiesExactly(
                        whole -> {
                            assertThat(whole.place()).isEqualTo(new Place(SHARD, -1, -1));
                            assertThat(whole.what()).startsWith("SHA-256 is ").contains(", its manifest says ");
                        },
                        group -> {
                            assertThat(group.place()).isEqualTo(new Place(SHARD, 1, -1));
                            assertThat(group.what()).contains("CRC checksum verification failed");
                        });
        assertThat(report.first())
                .filteredOn(problem -> problem.kind() == Problem.Kind.PICTURE)
                .isNotEmpty()
                .allSatisfy(problem -> {
                    assertThat(problem.place()).isEqualTo(new Place(SHARD, 1, 1));
                    assertThat(problem.id()).isEqualTo(victim.id());
                })
                .anySatisfy(problem -> assertThat(problem.what()).startsWith("SHA-256 of its bytes is "));
        assertThat(report.table()).contains(SHARD).contains(victim.id()).contains("wrong are 2 × shards");
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at <= bytes.length - part.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("not stored as it is");
    }

    @Test
    void aTruncatedShardIsOneProblem() throws Exception {
        Path shard = copy.resolve(SHARD);
        byte[] bytes = Files.readAllBytes(shard);
        Files.write(shard, Arrays.copyOf(bytes, bytes.length / 2));

        CheckReport report = check();
        assertThat(report.counts()).isEqualTo(Map.of(Problem.Kind.SHARD, 1L));
        assertThat(only(report, Problem.Kind.SHARD).place()).isEqualTo(Place.of(SHARD));
        assertThat(only(report, Problem.Kind.SHARD).what())
                .startsWith("it has %,d bytes, its manifest says %,d".formatted(bytes.length / 2, bytes.length));
    }

    @Test
    void aMissingShardAndAnExtraFileAreNamed() throws Exception {
        Files.move(copy.resolve(SHARD), copy.resolve("validation/shard-000077.parquet"));

        CheckReport report = check();
        assertThat(report.counts()).isEqualTo(Map.of(Problem.Kind.SHARD, 1L, Problem.Kind.UNLISTED, 1L));
        assertThat(only(report, Problem.Kind.SHARD).what()).startsWith("missing; its manifest lists it with");
        assertThat(only(report, Problem.Kind.UNLISTED).place()).isEqualTo(Place.of("validation/shard-000077.parquet"));
    }

    @Test
    void swappedPicturesAreFoundThoughFileAndManifestAgree() throws Exception {
        List<ImageRow> rows = rows("train", 1);
        ImageRow one = rows.get(0);
        ImageRow other = rows.get(1);
        rows.set(0, withImage(one, other.image()));
        rows.set(1, withImage(other, one.image()));
        rewrite("train", 1, rows);

        CheckReport report = check();
        assertThat(report.counts()).isEqualTo(Map.of(Problem.Kind.PICTURE, 2L));
        assertThat(report.first())
                .extracting(Problem::place)
                .containsExactly(new Place(SHARD, 0, 0), new Place(SHARD, 0, 1));
        assertThat(report.first().get(0).what())
                .isEqualTo("SHA-256 of its bytes is " + other.sha256() + ", its row says " + one.sha256());
    }

    private static ImageRow withImage(ImageRow row, byte[] image) {
        return new ImageRow(row.id(), image, row.label(), row.className(), null, 32, 32, row.source(), row.sha256());
    }

    @Test
    void everythingWrongWithARowIsFoundInOneGo() throws Exception {
        List<ImageRow> rows = rows("train", 0);
        ImageRow row = rows.get(2);
        byte[] small = Encoding.PNG.encode(new Rgb(16, 16, new byte[16 * 16 * 3]));
        rows.set(2, new ImageRow("0123", small, 3, "cats", null, 31, 32, row.source(), Hashes.sha256(small)));
        rows.set(
                3,
                new ImageRow(
                        rows.get(3).id(),
                        new byte[9],
                        1,
                        "cats",
                        null,
                        32,
                        32,
                        rows.get(3).source(),
                        Hashes.sha256(new byte[9])));
        rewrite("train", 0, rows);

        CheckReport report = check();
        assertThat(report.counts()).isEqualTo(Map.of(Problem.Kind.ROW, 4L, Problem.Kind.PICTURE, 2L));
        assertThat(report.first())
                .extracting(Problem::what)
                .containsExactly(
                        "label is 3, the manifest has 3 classes",
                        "the id of source " + row.source() + ", window 0, is " + row.id(),
                        "width and height are 31 × 32, the manifest says 32 × 32",
                        "it has 16 × 16 pixels, its row says 31 × 32",
                        "class_name is cats, label 1 is class nasa-deep-space",
                        "cannot be decoded: not a picture in a known format");
    }

    @Test
    void anIdAndASourceOfTwoSplitsAreFound() throws Exception {
        List<ImageRow> held = rows("validation", 0);
        List<ImageRow> rows = rows("train", 1);
        ImageRow replaced = rows.get(0);
        rows.set(0, held.get(2));
        rewrite("train", 1, rows);

        CheckReport report = check();
        assertThat(report.counts())
                .isEqualTo(Map.of(Problem.Kind.DUPLICATE, 1L, Problem.Kind.LEAK, 1L, Problem.Kind.STATUS, 2L));
        Problem duplicate = only(report, Problem.Kind.DUPLICATE);
        assertThat(duplicate.id()).isEqualTo(held.get(2).id());
        assertThat(duplicate.place()).isEqualTo(new Place("validation/shard-000000.parquet", 0, 2));
        assertThat(duplicate.what()).isEqualTo("this id has " + SHARD + ", row group 0, row 0 too");
        assertThat(only(report, Problem.Kind.LEAK).what())
                .isEqualTo("source " + held.get(2).source() + " has rows in train and validation");
        assertThat(report.first())
                .filteredOn(problem -> problem.kind() == Problem.Kind.STATUS)
                .extracting(Problem::what)
                .anySatisfy(what -> assertThat(what)
                        .isEqualTo(replaced.source() + ": its outcome is kept, and it has no row in train"))
                .anySatisfy(what -> assertThat(what)
                        .startsWith(held.get(2).source() + ": it should lie in validation alone, and lies in ["));
    }

    @Test
    void editedManifestsAreFound() throws Exception {
        edit("validation/_manifest.json", json -> json.replace("\"seed\" : 3,", "\"seed\" : 3, \"note\" : 1,"));
        Problem unreadable = only(check(), Problem.Kind.MANIFEST);
        assertThat(unreadable.place()).isEqualTo(Place.of("validation/_manifest.json"));
        assertThat(unreadable.what()).contains("note");

        copyBack("validation/_manifest.json");
        edit("validation/_manifest.json", json -> json.replace("nasa-deep-space", "nasa-cats"));
        CheckReport report = check();
        assertThat(report.counts()).containsKeys(Problem.Kind.MANIFEST, Problem.Kind.FOOTER, Problem.Kind.ROW);
        assertThat(only(report, Problem.Kind.MANIFEST).what())
                .isEqualTo("classes is [met-floral, nasa-cats, nmk-korean-painting], that of train is " + CLASSES);
        assertThat(report.first())
                .filteredOn(problem -> problem.kind() == Problem.Kind.FOOTER)
                .allSatisfy(problem -> assertThat(problem.what()).startsWith("footer's huggingface is "));

        copyBack("validation/_manifest.json");
        Files.delete(copy.resolve("validation/_manifest.json"));
        assertThat(only(check(), Problem.Kind.MANIFEST).what())
                .isEqualTo("no _manifest.json: its preparation is not finished");
    }

    private void copyBack(String file) throws Exception {
        Files.write(
                copy.resolve(file), Files.readAllBytes(prepared.resolve("data").resolve(file)));
    }

    @Test
    void statusRowsMustAgreeWithTheRows() throws Exception {
        String table = copy.resolve("status").toString();
        var status =
                spark.read().parquet(prepared.resolve("data/status").toString()).cache();
        List<Row> keptOnes = status.filter("outcome = 'kept'").takeAsList(3);
        String kept = keptOnes.get(0).getAs("path");
        String more = keptOnes.get(1).getAs("path");
        String sharesItsName = keptOnes.get(2).getAs("path"); // as members of an archive may
        var changed = status.selectExpr(
                "path",
                "if(path = '" + kept + "', 'skipped', if(path = 'notes.txt', 'kept', outcome)) outcome",
                "split",
                "shard",
                "if(path = '" + more + "', 2, rows) rows");
        changed.union(status.filter("path = '" + sharesItsName + "'")
                        .selectExpr("path", "'skipped'", "cast(null as string)", "cast(null as int)", "0"))
                .write()
                .mode("overwrite")
                .parquet(table);

        CheckReport report = check();
        assertThat(report.counts()).isEqualTo(Map.of(Problem.Kind.STATUS, 3L));
        assertThat(report.first())
                .extracting(Problem::what)
                .satisfiesExactlyInAnyOrder(
                        what -> assertThat(what).startsWith(kept + ": its outcome is skipped, and it has rows in "),
                        what -> assertThat(what).isEqualTo(more + ": it should have 2 rows, and has 1"),
                        what -> assertThat(what).startsWith("notes.txt: its outcome is kept, and it has no row in"));
    }

    @Test
    void clipsAreCheckedWithTheirTimes() throws Exception {
        Storage directory = storage("clips/train");
        ShardFooter footer = new ShardFooter("adm-centre-crop-1 8", Encoding.RAW, List.of("a"), "c0");
        ShardInfo shard;
        try (ShardWriter<ClipRow> writer =
                ShardWriter.clips(directory, "shard-000000.parquet", RowGroupLimit.rows(2), footer)) {
            writer.write(clip(0, 3, 0.0, 0.04, 0.08));
            writer.write(clip(1, 3, 0.12, 0.12, 0.16));
            writer.write(clip(2, 2, 0.2, 0.24));
            shard = writer.finish();
        }
        Dataset.publish(
                directory,
                DatasetManifest.clips(new SampleShape(3, 8, 8, 3), footer, 1, Collections.singletonList(shard)));

        CheckReport report = DatasetCheck.run(spark, storage("clips"), true, 20);
        assertThat(report.rows()).isEqualTo(3);
        assertThat(report.first())
                .extracting(Problem::what)
                .containsExactly(
                        "pts of frame 1 is 0.12, after 0.12 of the frame before it",
                        "pts has 2 times, the manifest says 3 frames",
                        "cannot be decoded: raw picture has 384 bytes, one of 3×8×8×3 has 576");
    }

    private static ClipRow clip(int window, int frames, Double... seconds) {
        byte[] pixels = new byte[frames * 8 * 8 * 3];
        Arrays.fill(pixels, (byte) window);
        ImageRow stack = new ImageRow(
                Hashes.sampleId("a/video.mp4", window),
                pixels,
                0,
                "a",
                "a caption",
                8,
                8,
                "a/video.mp4",
                Hashes.sha256(pixels));
        return new ClipRow(stack, new ClipTiming(window, 3 * window, 1, 0, 25, List.of(seconds)));
    }

    @Test
    void problemsAreBoundedAndCountedInFull() throws Exception {
        List<ImageRow> rows = rows("train", 0);
        rows.replaceAll(row -> withImage(row, rows.get(0).image()));
        rewrite("train", 0, rows);

        CheckReport report = DatasetCheck.run(spark, storage(""), true, 2);
        assertThat(report.first()).hasSize(2);
        assertThat(report.counts()).isEqualTo(Map.of(Problem.Kind.PICTURE, rows.size() - 1L));
        assertThat(report.table()).contains("… and " + (rows.size() - 3) + " more");
    }

    @Test
    void aDirectoryWithoutDataIsRefused() {
        assertThatThrownBy(() -> DatasetCheck.run(spark, storage("status"), true, 20))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("status holds no data set: no _manifest.json");
    }
}
