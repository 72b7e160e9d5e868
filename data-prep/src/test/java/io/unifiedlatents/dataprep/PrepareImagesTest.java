package io.unifiedlatents.dataprep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.picture.PictureDecoder;
import io.unifiedlatents.dataprep.picture.PictureTransform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareImagesTest {
    private static final Path PICTURES = Path.of("../deploy/quickstart-pictures");
    private static final List<String> CLASSES = List.of("met-floral", "nasa-deep-space", "nmk-korean-painting");
    private static final int PER_CLASS = 5;

    @TempDir
    Path directory;

    private PrepareConfig config(String output, String... overrides) {
        List<String> settings = new ArrayList<>(List.of(
                "prepare.source=" + directory.resolve("pictures"),
                "prepare.output=" + directory.resolve(output),
                "prepare.height=16",
                "prepare.width=16",
                "prepare.rowGroupRows=2",
                "prepare.rowsPerShard=5",
                "prepare.holdoutFraction=0.25",
                "prepare.maxBadFraction=0",
                "prepare.seed=3"));
        settings.addAll(List.of(overrides));
        return ConfigLoader.load("", "", settings).prepare();
    }

    private PrepareReport run(String master, PrepareConfig config) throws Exception {
        SparkSession spark = SparkSession.builder()
                .master(master)
                .appName("PrepareImagesTest")
                .config("spark.ui.enabled", false)
                .getOrCreate();
        try {
            return Preparation.images(spark, config).run(LeaseTerms.DEFAULT);
        } finally {
            spark.stop();
        }
    }

    /** Pictures of three classes; returns their number. */
    private int copyPictures() throws Exception {
        int copied = 0;
        for (String name : CLASSES) {
            Path target = Files.createDirectories(directory.resolve("pictures").resolve(name));
            try (Stream<Path> files = Files.list(PICTURES.resolve(name))) {
                for (Path file : files.sorted().limit(PER_CLASS).toList()) {
                    Files.copy(file, target.resolve(file.getFileName()));
                    copied++;
                }
            }
        }
        return copied;
    }

    /** A truncated picture, a text and an empty file. */
    private void addBadFiles() throws Exception {
        Path pictures = directory.resolve("pictures");
        Rgb grey = new Rgb(40, 40, new byte[4800]);
        byte[] png = ImageCodec.encodePng(grey);
        Files.write(pictures.resolve("met-floral/cut.png"), Arrays.copyOf(png, png.length / 2));
        Files.writeString(pictures.resolve("notes.txt"), "no picture");
        Files.createFile(pictures.resolve("nasa-deep-space/empty.jpg"));
    }

    private Map<String, byte[]> shards(String output) throws Exception {
        Map<String, byte[]> contents = new TreeMap<>();
        for (String split : List.of("train", "validation")) {
            try (Stream<Path> files = Files.list(directory.resolve(output).resolve(split))) {
                for (Path file : files.toList()) {
                    contents.put(split + "/" + file.getFileName(), Files.readAllBytes(file));
                }
            }
        }
        return contents;
    }

    private List<ImageRow> rows(String output, String split) throws Exception {
        Storage storage = Storage.at(directory.resolve(output).resolve(split).toString(), new Configuration());
        Dataset dataset = Dataset.open(storage);
        List<ImageRow> rows = new ArrayList<>();
        for (ShardInfo shard : dataset.manifest().shards()) {
            dataset.verify(shard);
            try (ShardReader reader = dataset.open(shard)) {
                for (int group = 0; group < reader.rowGroups(); group++) {
                    rows.addAll(reader.images(group));
                }
            }
        }
        assertThat(rows).hasSize(Math.toIntExact(dataset.manifest().rows()));
        return rows;
    }

    @Test
    void everyInputIsKeptOrNamedAndEveryRowIsItsPicture() throws Exception {
        int good = copyPictures();
        addBadFiles();
        PrepareReport report =
                run("local[2]", config("out", "prepare.height=32", "prepare.width=32", "prepare.maxBadFraction=0.2"));

        assertThat(report.inputs()).isEqualTo(good + 3);
        assertThat(report.kept()).isEqualTo(good);
        assertThat(report.skipped()).isEqualTo(3);
        assertThat(report.skippedByReason())
                .containsEntry("not a picture in a known format", 2L)
                .containsEntry("damaged picture", 1L);
        List<ImageRow> train = rows("out", "train");
        List<ImageRow> validation = rows("out", "validation");
        assertThat(train.size() + validation.size()).isEqualTo(good);
        List<ImageRow> all = new ArrayList<>(train);
        all.addAll(validation);
        assertThat(all.stream().map(ImageRow::id)).doesNotHaveDuplicates();
        for (ImageRow row : all) {
            assertThat(row.className()).isEqualTo(CLASSES.get(row.label()));
            assertThat(row.source()).startsWith(row.className() + "/");
            assertThat(row.id()).isEqualTo(Hashes.sampleId(row.source(), 0));
            assertThat(row.sha256()).isEqualTo(Hashes.sha256(row.image()));
            assertShows(row, directory.resolve("pictures"), 32);
        }
        requireStatusRows(good, train.size());
    }

    private static void assertShows(ImageRow row, Path source, int side) throws Exception {
        Rgb original = PictureDecoder.STANDARD.decode(Files.readAllBytes(source.resolve(row.source())));
        assertThat(ImageCodec.decode(row.image()).pixels())
                .isEqualTo(PictureTransform.named("centre-crop", side, side, 0)
                        .apply(original, row.id())
                        .pixels());
    }

    private void requireStatusRows(int kept, int train) {
        SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", false)
                .getOrCreate();
        try {
            List<Row> rows = spark.read()
                    .parquet(directory.resolve("out/status").toString())
                    .collectAsList();
            assertThat(rows).hasSize(kept + 3);
            assertThat(rows)
                    .filteredOn(row -> row.getAs("outcome").equals("kept"))
                    .hasSize(kept);
            assertThat(rows)
                    .filteredOn(row -> "train".equals(row.getAs("split")))
                    .hasSize(train);
            assertThat(rows)
                    .filteredOn(row -> row.getAs("outcome").equals("skipped"))
                    .allMatch(row -> row.getAs("reason") != null && row.getAs("split") == null)
                    .extracting(row -> row.<String>getAs("path"))
                    .containsExactlyInAnyOrder("met-floral/cut.png", "notes.txt", "nasa-deep-space/empty.jpg");
        } finally {
            spark.stop();
        }
    }

    @Test
    void theSpreadOfTheWorkDoesNotChangeABit() throws Exception {
        copyPictures();
        PrepareReport one = run("local[1]", config("one"));
        PrepareReport four = run("local[4]", config("four"));

        assertThat(four).isEqualTo(one);
        Map<String, byte[]> expected = shards("one");
        assertThat(expected.keySet()).contains("train/shard-000000.parquet", "validation/_manifest.json");
        Map<String, byte[]> actual = shards("four");
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, content) -> assertThat(actual.get(name)).as(name).isEqualTo(content));
    }

    @Test
    void theSameAgainDoesNothingAndOtherSettingsAreRefused() throws Exception {
        copyPictures();
        PrepareReport first = run("local[2]", config("out"));
        Map<String, Long> before = modificationTimes();

        PrepareReport again = run("local[2]", config("out"));
        assertThat(first.alreadyDone()).isFalse();
        assertThat(again).isEqualTo(first.asAlreadyDone());
        assertThat(again.summary()).startsWith("nothing to do, already prepared: 15 inputs = 15 kept + 0 skipped");
        assertThat(modificationTimes()).isEqualTo(before);

        PrepareConfig other = config("out", "prepare.height=24", "prepare.width=24");
        assertThatThrownBy(() -> run("local[2]", other))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("was prepared with config hash " + first.configHash())
                .hasMessageContaining("name another output directory");
        assertThat(modificationTimes()).isEqualTo(before);
    }

    private Map<String, Long> modificationTimes() throws Exception {
        Map<String, Long> times = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory.resolve("out"))) {
            files.forEach(file -> {
                try {
                    times.put(file.toString(), Files.getLastModifiedTime(file).toMillis());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return times;
    }

    @Test
    void tooManyBadInputsPublishNothing() throws Exception {
        copyPictures();
        addBadFiles();
        assertThatThrownBy(() -> run("local[2]", config("out", "prepare.maxBadFraction=0.1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("3 of 18 inputs cannot be used, more than prepare.maxBadFraction=0.1 allows")
                .hasMessageContaining("met-floral/cut.png (damaged picture: ")
                .hasMessageContaining("notes.txt (not a picture in a known format)");
        assertThat(directory.resolve("out/train/_manifest.json")).doesNotExist();
        assertThat(directory.resolve("out/_prepare.json")).doesNotExist();
    }

    @Test
    void aRunAfterAFailureDoesOnlyWhatIsMissing() throws Exception {
        copyPictures();
        addBadFiles();
        assertThatThrownBy(() -> run("local[2]", config("out"))).isInstanceOf(ConfigException.class);
        Map<String, Long> work = modificationTimes();
        assertThat(work.keySet()).anyMatch(name -> name.contains("/_work/") && name.endsWith(".json"));
        Files.move(directory.resolve("pictures"), directory.resolve("moved")); // nothing may be read again
        Files.createDirectories(directory.resolve("pictures"));
        for (Path file : files(directory.resolve("moved"))) {
            Path gone = directory
                    .resolve("pictures")
                    .resolve(directory.resolve("moved").relativize(file));
            Files.createDirectories(gone.getParent());
            try (var hollow = java.nio.channels.FileChannel.open(
                    gone, java.nio.file.StandardOpenOption.CREATE_NEW, java.nio.file.StandardOpenOption.WRITE)) {
                if (Files.size(file) > 0) {
                    hollow.write(java.nio.ByteBuffer.allocate(1), Files.size(file) - 1); // zeros of the same length
                }
            }
        }

        PrepareReport report = run("local[2]", config("out", "prepare.maxBadFraction=0.2"));

        assertThat(report.kept()).isEqualTo(15);
        assertThat(directory.resolve("out/_work")).doesNotExist();
        for (ImageRow row : rows("out", "train")) {
            assertShows(row, directory.resolve("moved"), 16);
        }
    }

    private static List<Path> files(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void shardsOfADeadDriverAreTakenOverWhereTheirRowsAreRight() throws Exception {
        copyPictures();
        run("local[2]", config("out"));
        Map<String, byte[]> expected = shards("out");
        Path train = directory.resolve("out/train");
        Files.delete(directory.resolve("out/_prepare.json")); // as if the driver had died before it published
        Files.delete(train.resolve("_manifest.json"));
        Path wrong = train.resolve("shard-000000.parquet");
        Files.copy(train.resolve("shard-000001.parquet"), wrong, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.copy(wrong, train.resolve("shard-000007.parquet"));
        long kept =
                Files.getLastModifiedTime(train.resolve("shard-000001.parquet")).toMillis();

        run("local[2]", config("out"));

        Map<String, byte[]> actual = shards("out");
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, content) -> assertThat(actual.get(name)).as(name).isEqualTo(content));
        assertThat(Files.getLastModifiedTime(train.resolve("shard-000001.parquet"))
                        .toMillis())
                .isEqualTo(kept);
    }

    @Test
    void shardsOfADeadDriverWithOtherSettingsAreWrittenAnew() throws Exception {
        copyPictures();
        run("local[2]", config("out"));
        Files.delete(directory.resolve("out/_prepare.json"));
        for (String split : List.of("train", "validation")) {
            Files.delete(directory.resolve("out").resolve(split).resolve("_manifest.json"));
        }
        List<String> reversed = new ArrayList<>(CLASSES);
        java.util.Collections.reverse(reversed);
        Path table = Files.write(directory.resolve("classes.txt"), reversed);

        run("local[2]", config("out", "prepare.classes=" + table)); // the same pictures in the same order

        assertThat(rows("out", "train"))
                .allSatisfy(row -> assertThat(row.label()).isEqualTo(reversed.indexOf(row.className())));
    }

    @Test
    void workOnAListIsNotThatOnAnother() throws Exception {
        copyPictures();
        addBadFiles();
        Path list = directory.resolve("list.txt");
        Files.write(list, names("met-floral/cut.png"));
        String[] settings = {"prepare.source=" + list, "prepare.holdoutFraction=0"};
        assertThatThrownBy(() -> run("local[2]", config("out", settings))).isInstanceOf(ConfigException.class);

        Files.write(list, names("nasa-deep-space/empty.jpg")); // as many lines, the first the same
        assertThatThrownBy(() -> run("local[2]", config("out", settings)))
                .hasMessageContaining("pictures/nasa-deep-space/empty.jpg (not a picture");
    }

    /** All good pictures in order, and a bad one last. */
    private List<String> names(String bad) throws Exception {
        List<String> names = new ArrayList<>();
        for (String name : CLASSES) {
            for (Path file : files(directory.resolve("pictures").resolve(name))) {
                String path = directory.relativize(file).toString();
                if (!path.endsWith("cut.png") && !path.endsWith("empty.jpg")) {
                    names.add(path);
                }
            }
        }
        names.sort(null);
        names.add("pictures/" + bad);
        return names;
    }

    @Test
    void rawPixelsAreThoseOfThePng() throws Exception {
        copyPictures();
        run("local[2]", config("png"));
        run("local[2]", config("raw", "prepare.encoding=raw"));
        List<ImageRow> png = rows("png", "train");
        List<ImageRow> raw = rows("raw", "train");
        assertThat(raw).hasSameSizeAs(png);
        for (int i = 0; i < raw.size(); i++) {
            assertThat(raw.get(i).id()).isEqualTo(png.get(i).id());
            assertThat(raw.get(i).image())
                    .isEqualTo(ImageCodec.decode(png.get(i).image()).pixels());
        }
    }

    @Test
    void theSamePicturesFromAnArchiveAndFromShardsAreTheSame() throws Exception {
        copyPictures();
        Path archive = directory.resolve("all.tar");
        assertThat(new ProcessBuilder("tar", "cf", archive.toString(), "-C", directory.toString(), "pictures")
                        .start()
                        .waitFor())
                .isZero();
        run("local[2]", config("out", "prepare.holdoutFraction=0"));
        run("local[2]", config("tar", "prepare.holdoutFraction=0", "prepare.source=" + archive));
        run(
                "local[2]",
                config(
                        "again",
                        "prepare.holdoutFraction=0",
                        "prepare.source=" + directory.resolve("out/train"),
                        "prepare.transform=none",
                        "prepare.encoding=original"));

        Map<String, Integer> expected = labels("out");
        assertThat(expected).hasSize(15);
        assertThat(labels("tar")).isEqualTo(expected);
        assertThat(labels("again")).isEqualTo(expected);
        assertThat(rows("tar", "train"))
                .allSatisfy(row -> assertThat(row.source())
                        .isEqualTo("all.tar/pictures/" + row.className().substring("pictures/".length()) + "/"
                                + row.source().substring(row.source().lastIndexOf('/') + 1)));
    }

    /** Label of each picture by its digest. */
    private Map<String, Integer> labels(String output) throws Exception {
        Map<String, Integer> labels = new TreeMap<>();
        rows(output, "train").forEach(row -> labels.put(row.sha256(), row.label()));
        return labels;
    }
}
