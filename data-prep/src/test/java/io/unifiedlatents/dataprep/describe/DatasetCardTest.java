package io.unifiedlatents.dataprep.describe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipRow;
import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
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
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCardTest {
    private static final List<String> CLASSES = List.of("<b>nebula & \"co\"", "met-floral");

    @TempDir
    private Path directory;

    private static SparkSession spark(String master) {
        return SparkSession.builder()
                .master(master)
                .appName("DatasetCardTest")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
    }

    private Storage storage(String name) throws Exception {
        return Storage.at(directory.resolve(name).toString(), new Configuration());
    }

    /** Two classes of pictures, one with a name that is markup, and a file that is no picture. */
    private void prepare(SparkSession spark) throws Exception {
        copy("nasa-hubble-nebula", CLASSES.get(0), 7);
        copy("met-floral", CLASSES.get(1), 6);
        Files.writeString(directory.resolve("pictures/notes.txt"), "no picture");
        String yaml = """
                prepare: {source: %s, output: %s, height: 24, width: 24, rowGroupRows: 2, rowsPerShard: 4,
                          holdoutFraction: 0.3, maxBadFraction: 0.5}
                """;
        PrepareConfig config = ConfigLoader.load(
                        "",
                        yaml.formatted(directory.resolve("pictures"), directory.resolve("flowers & stars")),
                        List.of())
                .prepare();
        Preparation.images(spark, config).run(LeaseTerms.DEFAULT);
    }

    private void copy(String from, String to, int count) throws Exception {
        Path target = Files.createDirectories(directory.resolve("pictures").resolve(to));
        try (Stream<Path> files = Files.list(Path.of("../deploy/quickstart-pictures", from))) {
            for (Path file : files.sorted().limit(count).toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void countsAndPixelsAreThoseOfThePictures() throws Exception {
        try (SparkSession spark = spark("local[2]")) {
            prepare(spark);
            Card card = DatasetCard.write(spark, storage("flowers & stars"), 2);

            assertThat(card.name()).isEqualTo("flowers & stars");
            assertThat(card.rows()).isEqualTo(13);
            assertThat(card.splits()).extracting(Card.Split::name).containsExactly("train", "validation");
            assertThat(card.splits().get(0).rowsOfClass().get(0)
                            + card.splits().get(1).rowsOfClass().get(0))
                    .isEqualTo(7);
            assertThat(card.storedBytes().stream().mapToLong(Card.Bin::count).sum())
                    .isEqualTo(13);
            Card.Inputs inputs = Objects.requireNonNull(card.inputs());
            assertThat(inputs.outcomes())
                    .containsExactly(
                            new Card.Outcome("kept", "", 13),
                            new Card.Outcome("skipped", "not a picture in a known format", 1));
            assertThat(inputs.shorterSides().stream().mapToLong(Card.Bin::count).sum())
                    .isEqualTo(13);
            requirePixels(card.splits().get(0).pixels(), decoded("train"));
            List<Rgb> all = decoded("train");
            all.addAll(decoded("validation"));
            requirePixels(card.pixels(), all);
        }
    }

    private List<Rgb> decoded(String split) throws Exception {
        Dataset dataset = Dataset.open(storage("flowers & stars").directory(split));
        List<Rgb> pictures = new ArrayList<>();
        for (ShardInfo shard : dataset.manifest().shards()) {
            try (ShardReader reader = dataset.open(shard)) {
                for (int group = 0; group < reader.rowGroups(); group++) {
                    for (ImageRow row : reader.images(group)) {
                        pictures.add(ImageCodec.decode(row.image()));
                    }
                }
            }
        }
        return pictures;
    }

    /** By the definition, in two passes. */
    private static void requirePixels(Card.Pixels found, List<Rgb> pictures) {
        for (int channel = 0; channel < 3; channel++) {
            List<Double> values = new ArrayList<>();
            for (Rgb picture : pictures) {
                for (int i = channel; i < picture.pixels().length; i += 3) {
                    values.add((picture.pixels()[i] & 0xFF) / 255.0);
                }
            }
            double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
            double variance = values.stream()
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow();
            assertThat(found.count()).isEqualTo(values.size());
            // one rounding for each of at most 10⁴ values of at most 1
            assertThat(found.mean()[channel]).isCloseTo(mean, within(1e-12));
            assertThat(found.deviation()[channel]).isCloseTo(Math.sqrt(variance), within(1e-12));
        }
    }

    @Test
    void theSpreadOfTheWorkDoesNotChangeAByte() throws Exception {
        List<String> names = List.of("_card.json", "_card.md", "_card.html");
        List<String> contents = new ArrayList<>();
        for (String master : List.of("local[1]", "local[4]")) {
            try (SparkSession spark = spark(master)) {
                if (contents.isEmpty()) {
                    prepare(spark);
                }
                DatasetCard.write(spark, storage("flowers & stars"), 3);
            }
            for (String name : names) {
                contents.add(storage("flowers & stars").readText(name));
            }
        }
        assertThat(contents.subList(3, 6)).isEqualTo(contents.subList(0, 3));
    }

    @Test
    void thePageNeedsNothingElseAndItsNamesAreNoMarkup() throws Exception {
        try (SparkSession spark = spark("local[2]")) {
            prepare(spark);
            DatasetCard.write(spark, storage("flowers & stars"), 2);
        }
        String page = storage("flowers & stars").readText("_card.html");
        assertThat(page)
                .contains("<h1>flowers &amp; stars</h1>")
                .contains("&lt;b&gt;nebula &amp; &quot;co&quot;")
                .doesNotContain("<b>")
                .doesNotContain("<script")
                .doesNotContain("http:")
                .doesNotContain("https:")
                .doesNotContain("url(")
                .doesNotContain(directory.toString());
        assertThat(Pattern.compile("<img src=\"data:image/(png|jpeg);base64,")
                        .matcher(page)
                        .results())
                .hasSize(4);
        assertThat(Pattern.compile("<img ").matcher(page).results()).hasSize(4);

        assertThat(storage("flowers & stars").readText("_card.md"))
                .contains("| &lt;b>nebula &amp; \"co\"")
                .doesNotContain("<b>");
        JsonNode json = new ObjectMapper().readTree(storage("flowers & stars").read("_card.json"));
        assertThat(json.at("/classes/0").asText()).startsWith("<b>nebula");
        assertThat(json.at("/splits/0/datasetHash").asText()).hasSize(64);
        assertThat(json.at("/pixels/mean").size()).isEqualTo(3);
    }

    @Test
    void clipsAreShownAsRowsOfTheirFrames() throws Exception {
        Storage train = storage("clips/train");
        ShardFooter footer = new ShardFooter("adm-centre-crop-1 16", Encoding.RAW, List.of("a", "b"), "c0");
        ShardInfo shard;
        SplittableRandom random = new SplittableRandom(1);
        try (ShardWriter<ClipRow> writer =
                ShardWriter.clips(train, "shard-000000.parquet", RowGroupLimit.rows(2), footer)) {
            for (int i = 0; i < 5; i++) {
                writer.write(clip(i, random));
            }
            shard = writer.finish();
        }
        Dataset.publish(train, DatasetManifest.clips(new SampleShape(4, 16, 16, 3), footer, 1, List.of(shard)));
        try (SparkSession spark = spark("local[2]")) {
            Card card = DatasetCard.write(spark, storage("clips"), 2);
            assertThat(card.summary()).isEqualTo("5 clips of 4 frames of 16 × 16 pixels in 2 classes: 5 train.");
            assertThat(card.inputs()).isNull();
        }
        assertThat(Pattern.compile("<img src=\"data:image/png;base64,[^\"]*\" width=\"64\" height=\"16\"")
                        .matcher(storage("clips").readText("_card.html"))
                        .results())
                .hasSize(4);
    }

    private static ClipRow clip(int number, SplittableRandom random) {
        byte[] pixels = new byte[4 * 16 * 16 * 3];
        random.nextBytes(pixels);
        String source = "v" + number + ".mp4";
        String name = number % 2 == 0 ? "a" : "b";
        ImageRow stack = new ImageRow(
                Hashes.sampleId(source, 0), pixels, number % 2, name, null, 16, 16, source, Hashes.sha256(pixels));
        return new ClipRow(stack, new ClipTiming(0, 0, 1, 0, 25, List.of(0.0, 0.04, 0.08, 0.12)));
    }

    @Test
    void aPageHoldsSoManyPicturesHoweverManyClassesThereAre() {
        assertThat(Selection.of(6, 16, false)).isEqualTo(new Selection(6, 1));
        assertThat(Selection.of(6, 100, false)).isEqualTo(new Selection(2, 1));
        assertThat(Selection.of(6, 1000, false)).isEqualTo(new Selection(1, 5));
        assertThat(Selection.of(6, 600, true)).isEqualTo(new Selection(1, 10));
        assertThat(Selection.of(6, 0, false)).isEqualTo(new Selection(6, 1));
    }

    @Test
    void aDirectoryWithoutDataIsRefused() {
        try (SparkSession spark = spark("local[1]")) {
            assertThatThrownBy(() -> DatasetCard.write(spark, storage("none"), 2))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("none holds no data set: no _manifest.json");
        }
    }
}
