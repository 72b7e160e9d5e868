package io.unifiedlatents.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardTest {
    @TempDir
    Path directory;

    private Storage storage;

    @BeforeEach
    void open() throws IOException {
        storage = Storage.at(directory.toUri().toString(), new Configuration());
    }

    @Test
    void rowsComeBackAsWrittenInRowGroupsOfExactSize() throws IOException {
        ShardInfo info = Samples.shard(storage, "a.parquet", 0, 11, 4);

        assertThat(info.rowGroups()).containsExactly(4, 4, 3);
        assertThat(info.bytes()).isEqualTo(Files.size(directory.resolve("a.parquet")));
        assertThat(info.sha256()).isEqualTo(Hashes.sha256(storage.read("a.parquet")));
        assertThat(storage.list()).containsExactly("a.parquet");
        try (ShardReader reader = ShardReader.open(storage, info)) {
            assertThat(reader.footer())
                    .containsEntry("ul.format.version", "2")
                    .containsEntry("ul.kind", "images")
                    .containsEntry("ul.transform", "none")
                    .containsEntry("ul.config.hash", "c0");
            for (int group = 2; group >= 0; group--) { // any order
                List<ImageRow> rows = reader.images(group);
                List<ImageSample> samples = reader.samples(group);
                for (int i = 0; i < rows.size(); i++) {
                    ImageRow expected = Samples.row(4 * group + i);
                    assertThat(rows.get(i)).usingRecursiveComparison().isEqualTo(expected);
                    assertThat(samples.get(i).id()).isEqualTo(expected.id());
                    assertThat(samples.get(i).image()).isEqualTo(expected.image());
                }
            }
        }
    }

    @Test
    void rowGroupsAreExactForRowsLargerThanAnyPage() throws IOException {
        byte[] large = new byte[3 << 20];
        try (ShardWriter<ImageRow> writer =
                ShardWriter.images(storage, "l.parquet", RowGroupLimit.rows(3), Samples.FOOTER)) {
            for (int i = 0; i < 7; i++) {
                writer.write(new ImageRow("id" + i, large, 0, "c", null, 1, 1, "s", "h"));
            }
            assertThat(writer.finish().rowGroups()).containsExactly(3, 3, 1);
        }
    }

    @Test
    void aRowGroupEndsWithTheRowThatFillsIt() throws IOException {
        byte[] kilobyte = new byte[1024];
        RowGroupLimit limit = new RowGroupLimit(4, 2500); // the third row passes 2500 bytes, a fourth never comes
        try (ShardWriter<ImageRow> writer = ShardWriter.images(storage, "k.parquet", limit, Samples.FOOTER)) {
            for (int i = 0; i < 7; i++) {
                writer.write(new ImageRow("id" + i, kilobyte, 0, "c", null, 1, 1, "s", "h"));
            }
            assertThat(writer.finish().rowGroups()).containsExactly(3, 3, 1);
        }
    }

    @Test
    void clipsComeBackWithTheirTiming() throws IOException {
        List<ClipRow> clips = List.of(clip(0, 0.0, 0.04, 0.08), clip(1, 3.25), clip(2, 1.5, 1.75));
        ShardInfo info;
        try (ShardWriter<ClipRow> writer =
                ShardWriter.clips(storage, "c.parquet", RowGroupLimit.rows(2), Samples.FOOTER)) {
            for (ClipRow clip : clips) {
                writer.write(clip);
            }
            info = writer.finish();
        }
        try (ShardReader reader = ShardReader.open(storage, info)) {
            assertThat(reader.footer()).containsEntry("ul.kind", "clips").containsEntry("ul.encoding", "png");
            assertThat(reader.clips(0)).usingRecursiveComparison().isEqualTo(clips.subList(0, 2));
            assertThat(reader.clips(1)).usingRecursiveComparison().isEqualTo(clips.subList(2, 3));
            ImageRow last = clips.get(2).stack();
            assertThat(reader.samples(1))
                    .usingRecursiveComparison()
                    .isEqualTo(List.of(new ImageSample(last.id(), last.image(), last.label())));
        }
    }

    private static ClipRow clip(int window, Double... seconds) throws IOException {
        return new ClipRow(Samples.row(window), new ClipTiming(window, 10 * window, 1, 0, 25, List.of(seconds)));
    }

    @Test
    void aShardWithoutManifestDescribesItself() throws IOException {
        ShardInfo info = Samples.shard(storage, "a.parquet", 0, 11, 4);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 11; i++) {
            rows.append(Samples.row(i).id())
                    .append(' ')
                    .append(Samples.row(i).sha256())
                    .append('\n');
        }

        assertThat(ShardReader.describe(storage, "a.parquet")).isEqualTo(info);
        String digest = Hashes.sha256(rows.toString());
        ShardFooter other = new ShardFooter("none", Encoding.PNG, List.of("class0", "class1", "class2"), "c1");
        assertThat(ShardReader.isWritten(storage, "a.parquet", "images", Samples.FOOTER, digest))
                .isTrue();
        assertThat(ShardReader.isWritten(storage, "a.parquet", "images", Samples.FOOTER, "another"))
                .isFalse();
        assertThat(ShardReader.isWritten(storage, "a.parquet", "images", other, digest))
                .isFalse();
        assertThat(ShardReader.open(storage, info).footer().get("huggingface"))
                .contains("\"image\":{\"_type\":\"Image\"}")
                .contains("\"label\":{\"names\":[\"class0\",\"class1\",\"class2\"],\"_type\":\"ClassLabel\"}");
    }

    @Test
    void equalRowsGiveEqualBytes() throws IOException {
        ShardInfo first = Samples.shard(storage, "a.parquet", 0, 11, 4);
        ShardInfo second = Samples.shard(storage, "b.parquet", 0, 11, 4);

        assertThat(storage.read("b.parquet")).isEqualTo(storage.read("a.parquet"));
        assertThat(second.sha256()).isEqualTo(first.sha256());
    }

    /** Sets of encodings have another order in every process: two tests of bytes in one process would not see it. */
    @Test
    void nothingInTheFooterHasTheOrderOfAHashSet() throws IOException {
        ShardInfo info = Samples.shard(storage, "a.parquet", 0, 11, 4);
        byte[] file = storage.read("a.parquet");
        int end = file.length - 8;
        int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(end);
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(file, end - length, length));

        assertThat(footer.getNum_rows()).isEqualTo(info.rows());
        assertThat(footer.getRow_groups())
                .hasSize(3)
                .allSatisfy(group -> assertThat(group.getColumns())
                        .hasSize(10)
                        .allSatisfy(column ->
                                assertThat(column.getMeta_data().getEncodings()).isSorted()));
        assertThat(footer.getKey_value_metadata())
                .extracting(KeyValue::getKey)
                .isSorted()
                .contains("ul.kind", "ul.rows.sha256");
    }

    @Test
    void anAbandonedShardLeavesNothingBehind() throws IOException {
        try (ShardWriter<ImageRow> writer =
                ShardWriter.images(storage, "a.parquet", RowGroupLimit.rows(4), Samples.FOOTER)) {
            writer.write(Samples.row(0));
        }
        assertThat(storage.list()).isEmpty();
    }

    @Test
    void aChangedByteAnywhereInTheShardIsFound() throws IOException {
        Dataset dataset = Samples.images(storage, 4, 8);
        ShardInfo info = dataset.manifest().shards().get(0);
        byte[] good = storage.read(info.name());
        for (int at : new int[] {300, good.length / 2, good.length - 60, good.length - 2}) {
            byte[] bad = good.clone();
            bad[at] ^= 0x55;
            Files.write(directory.resolve(info.name()), bad);
            assertThatThrownBy(() -> dataset.verify(info))
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("shard-0.parquet has " + good.length + " bytes and SHA-256");
        }
        byte[] bad = good.clone();
        bad[300] ^= 0x55; // in the first picture of the first row group
        Files.write(directory.resolve(info.name()), bad);
        try (ShardReader reader = dataset.open(info)) {
            assertThatThrownBy(() -> reader.samples(0))
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("shard-0.parquet: row group 0 cannot be read");
            assertThat(reader.samples(1)).hasSize(4);
        }
    }

    @Test
    void aTruncatedShardAndADamagedFooterAreNamed() throws IOException {
        ShardInfo info = Samples.shard(storage, "a.parquet", 0, 8, 4);
        byte[] good = storage.read("a.parquet");
        byte[] footer = good.clone();
        Arrays.fill(footer, good.length - 100, good.length - 8, (byte) 0xFF);
        Files.write(directory.resolve("a.parquet"), footer);
        assertThatThrownBy(() -> ShardReader.open(storage, info))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("a.parquet: its footer cannot be read");

        Files.write(directory.resolve("a.parquet"), Arrays.copyOf(good, 100));
        assertThatThrownBy(() -> ShardReader.open(storage, info))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("a.parquet: it has 100 bytes, its manifest says " + good.length);
    }

    @Test
    void latentsHaveTheRowsAndRowGroupsOfTheirPictures() throws IOException {
        Dataset images = Samples.images(storage.directory("images"), 4, 11, 5);
        Dataset latents = Samples.latents(storage.directory("latents"), images);

        Dataset read = Dataset.open(storage.directory("latents"));
        assertThat(read.manifest()).isEqualTo(latents.manifest());
        assertThat(read.rowGroupRows()).isEqualTo(images.rowGroupRows()).containsExactly(4, 4, 3, 4, 1);
        images.requireAligned(read);
        int number = 0;
        for (ShardInfo shard : read.manifest().shards()) {
            try (ShardReader reader = read.open(shard)) {
                for (int group = 0; group < reader.rowGroups(); group++) {
                    for (LatentRow row : reader.latents(group)) {
                        assertThat(row.id()).isEqualTo(Samples.row(number).id());
                        assertThat(row.latent()).isEqualTo(Samples.latent(number));
                        number++;
                    }
                }
            }
        }
        assertThat(number).isEqualTo(16);
    }

    @Test
    void latentsOfOtherPicturesAreRefused() throws IOException {
        Dataset images = Samples.images(storage.directory("images"), 4, 11);
        Dataset latents = Samples.latents(storage.directory("latents"), images);
        Dataset others = Samples.images(storage.directory("others"), 4, 10);

        assertThatThrownBy(() -> others.requireAligned(latents))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(images.manifest().datasetHash())
                .hasMessageContaining(others.manifest().datasetHash());
    }

    @Test
    void aLatentShardOfAnotherEncoderIsRefusedThoughItIsAsLong() throws IOException {
        Dataset images = Samples.images(storage.directory("images"), 4, 3);
        Dataset latents = Samples.latents(storage.directory("latents"), images);
        ShardInfo shard = latents.manifest().shards().get(0);
        try (var writer = ShardWriter.latents(latents.storage(), shard, Samples.LATENT, "e9", "c1")) {
            for (int i = 0; i < shard.rows(); i++) {
                writer.write(new LatentRow(Samples.row(i).id(), Samples.row(i).label(), Samples.latent(i)));
            }
            assertThat(writer.finish().bytes()).isEqualTo(shard.bytes());
        }
        assertThatThrownBy(() -> latents.open(shard))
                .isInstanceOf(CorruptDataException.class)
                .hasMessage("latents " + latents.storage().path(shard.name())
                        + " are of encoder e9, their manifest says e0; run ExtractLatents again");
    }

    @Test
    void latentShardMustBeComplete() throws IOException {
        ShardInfo info = Samples.shard(storage, "a.parquet", 0, 5, 4);
        Storage other = storage.directory("latents");
        try (var writer = ShardWriter.latents(other, info, Samples.LATENT, "e", "c")) {
            for (int i = 0; i < 4; i++) {
                writer.write(new LatentRow("id", 0, Samples.latent(i)));
            }
            assertThatThrownBy(writer::finish)
                    .hasMessage("shard a.parquet has row groups [4], fewer rows than its image shard");
        }
    }

    /** The fields that version 2 had in place of shapes, as it wrote them. */
    @Test
    void manifestsOfVersion2AreRead() throws IOException {
        Dataset images = Samples.images(storage.directory("images"), 4, 11);
        ShardFooter footer = Samples.FOOTER;
        List<ShardInfo> shards = images.manifest().shards();
        SampleShape square = SampleShape.picture(8, 8);
        DatasetManifest pictures = DatasetManifest.images(square, footer, 5, shards);
        DatasetManifest any = DatasetManifest.images(null, footer, 5, shards);
        DatasetManifest clips = DatasetManifest.clips(new SampleShape(3, 8, 8, 3), footer, 5, shards);
        DatasetManifest latents = DatasetManifest.latents(
                pictures, Samples.LATENT, new DatasetManifest.EncoderIdentity("e0", "s0", "r0"), "c1", shards);
        for (DatasetManifest now : List.of(pictures, any, clips, latents)) {
            ObjectNode old = (ObjectNode) new ObjectMapper().readTree(now.toJson());
            assertThat(old.remove("formatVersion").asInt()).isEqualTo(3);
            assertThat(old.remove("shape") == null).isEqualTo(now.equals(any));
            old.put("formatVersion", 2).put("resolution", now.equals(any) ? 0 : 8);
            if (now.equals(clips)) {
                old.put("frames", 3);
            }
            if (now.equals(latents)) {
                old.putObject("latentShape").put("channels", 2).put("height", 2).put("width", 1);
            }
            assertThat(DatasetManifest.fromJson(old.toString(), "m")).isEqualTo(now);
        }
        assertThatThrownBy(() -> DatasetManifest.fromJson(
                        pictures.toJson().replace("\"formatVersion\" : 3", "\"formatVersion\" : 4"), "m"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("format version 4 is not 3; read it with the version of the program that wrote");
    }

    @Test
    void networksTakeSamplesOfTheirShape() throws IOException {
        Dataset images = Samples.images(storage.directory("images"), 4, 4);
        images.requireSamples("data.train", Samples.PICTURE);
        assertThatThrownBy(() -> images.requireSamples("data.train", SampleShape.picture(8, 6)))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "data.train=%s holds images of 6×8×3, the networks are made for samples of 8×6×3; set"
                                + " model.height, model.width and model.frames to the shape of the data, or prepare it again",
                        images.storage());
        Dataset clips = Samples.clips(storage.directory("clips"), Encoding.PNG, 2);
        clips.requireSamples("data.train", Samples.CLIP);
        assertThatThrownBy(() -> clips.requireSamples("data.train", Samples.PICTURE))
                .hasMessageContaining("holds clips of 3×6×8×3, the networks are made for samples of 6×8×3");
        Dataset latents = Samples.latents(storage.directory("latents"), images);
        assertThatThrownBy(() -> latents.requireSamples("data.train", Samples.PICTURE))
                .hasMessageEndingWith("holds latents; name a data set of images or clips");
    }

    @Test
    void manifestComesBackAndDamageIsFound() throws IOException {
        Dataset images = Samples.images(storage, 4, 11);
        String json = images.manifest().toJson();

        assertThat(Dataset.open(storage).manifest()).isEqualTo(images.manifest());
        assertThatThrownBy(() -> DatasetManifest.fromJson(json.replace("\"rows\" : 11", "\"rows\" : 12"), "m"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("m: not a readable manifest");
        assertThatThrownBy(() -> DatasetManifest.fromJson(json.substring(5), "m"))
                .isInstanceOf(CorruptDataException.class);
        assertThatThrownBy(() -> DatasetManifest.fromJson("{}", "m")).isInstanceOf(CorruptDataException.class);
        assertThatThrownBy(() -> Dataset.open(storage.directory("none")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none is not a data set: it has no _manifest.json");
    }
}
