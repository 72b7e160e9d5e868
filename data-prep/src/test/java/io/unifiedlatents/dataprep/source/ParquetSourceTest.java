package io.unifiedlatents.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SourceFormat;
import io.unifiedlatents.dataprep.source.Inputs.Read;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetSourceTest {
    private static final long SEED = 20_260_217;

    /** As the Python library "datasets" writes a column of type Image and one of type ClassLabel. */
    private static final String HUGGING_FACE =
            "message schema { optional group image { optional binary bytes; optional binary path (STRING); }"
                    + " optional int64 label; optional binary caption (STRING); }";

    private static final Map<String, String> NAMES = Map.of("huggingface", """
            {"info": {"features": {"image": {"_type": "Image"},
             "label": {"names": ["tench", "goldfish"], "_type": "ClassLabel"}}}}""");

    @TempDir
    private Path directory;

    private Source source() throws IOException {
        return Source.open(directory.toString(), SourceFormat.AUTO, Inputs.HADOOP);
    }

    private void write(
            String name,
            String schema,
            Map<String, String> metadata,
            int rows,
            int rowsPerGroup,
            BiConsumer<Integer, Group> fill)
            throws IOException {
        MessageType type = MessageTypeParser.parseMessageType(schema);
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(
                        HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), Inputs.HADOOP))
                .withType(type)
                .withExtraMetaData(metadata)
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .withRowGroupSize(1L) // checked, and found too large, each so many rows
                .withMinRowCountForPageSizeCheck(rowsPerGroup)
                .withMaxRowCountForPageSizeCheck(rowsPerGroup)
                .withPageWriteChecksumEnabled(false) // other writers leave them out
                .build()) {
            for (int row = 0; row < rows; row++) {
                Group group = new SimpleGroupFactory(type).newGroup();
                fill.accept(row, group);
                writer.write(group);
            }
        }
    }

    private static Binary bytes(String content) {
        return Binary.fromConstantByteArray(content.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void huggingFaceRow(int row, Group group) {
        group.addGroup("image").append("bytes", bytes("picture " + row)).append("path", row + ".jpg");
        group.append("label", row % 2L).append("caption", "caption " + row);
    }

    private void writeHuggingFace(int rows, int rowsPerGroup) throws IOException {
        write(
                "data/train-00000-of-00001.parquet",
                HUGGING_FACE,
                NAMES,
                rows,
                rowsPerGroup,
                ParquetSourceTest::huggingFaceRow);
    }

    @Test
    void tablesOfHuggingFaceAreReadWithTheNamesOfTheirClasses() throws IOException {
        writeHuggingFace(5, 2);
        String file = "data/train-00000-of-00001.parquet";
        List<Read> expected = new ArrayList<>();
        for (int row = 0; row < 5; row++) {
            String className = row % 2 == 0 ? "tench" : "goldfish";
            expected.add(new Read(file + "#" + row, className, "caption " + row, "train", null, "picture " + row));
        }
        assertThat(Inputs.read(source())).containsExactlyElementsOf(expected);
        Listing listing = Listing.of(directory.toString(), Inputs.HADOOP);
        ParquetSource split = new ParquetSource(listing, Inputs.HADOOP, 0);
        assertThat(split.parts()).hasSize(3);
        assertThat(Inputs.read(split)).containsExactlyElementsOf(expected);
    }

    @Test
    void rowsWithoutBytesOrWithClassesThatDoNotExistAreReported() throws IOException {
        write("x.parquet", HUGGING_FACE, NAMES, 6, 10, (row, group) -> {
            switch (row) {
                case 0 -> group.append("label", 0L);
                case 1 -> group.addGroup("image").append("path", "/etc/passwd");
                case 2 -> group.addGroup("image").append("bytes", bytes("2"));
                case 3 -> {
                    group.addGroup("image").append("bytes", bytes("3"));
                    group.append("label", -1L);
                }
                case 4 -> {
                    group.addGroup("image").append("bytes", bytes("4"));
                    group.append("label", 2L);
                }
                default -> huggingFaceRow(row, group);
            }
        });
        assertThat(Inputs.read(source()))
                .containsExactly(
                        new Read("x.parquet#0", null, null, null, "no bytes", null),
                        new Read("x.parquet#1", null, null, null, "no bytes", null),
                        new Read("x.parquet#2", null, null, null, null, "2"),
                        new Read("x.parquet#3", null, null, null, null, "3"),
                        new Read("x.parquet#4", null, null, null, "bad annotation", null),
                        new Read("x.parquet#5", "goldfish", "caption 5", null, null, "picture 5"));
    }

    @Test
    void columnsAreFoundByNameOrShape() throws IOException {
        write(
                "a.parquet",
                "message m { required binary image; required int32 label; required binary split (STRING); }",
                Map.of(),
                1,
                10,
                (row, group) ->
                        group.append("image", bytes("A")).append("label", 7).append("split", "val"));
        write(
                "b.parquet",
                "message m { optional group img { optional binary bytes; optional binary path (STRING); }"
                        + " required int64 fine; required binary text (STRING); }",
                Map.of(
                        "huggingface",
                        "{\"info\": {\"features\": {\"fine\": {\"names\": [\"x\"], \"_type\": \"ClassLabel\"}}}}"),
                1,
                10,
                (row, group) -> {
                    group.addGroup("img").append("bytes", bytes("B"));
                    group.append("fine", 0L).append("text", "t");
                });
        write(
                "c.parquet",
                "message m { required binary jpg; required binary label (STRING); repeated int32 box; }",
                Map.of("huggingface", "no json"),
                1,
                10,
                (row, group) -> group.append("jpg", bytes("C")).append("label", "cat"));
        // as Spark's binaryFile writes
        write(
                "d.parquet",
                "message m { optional binary path (STRING); optional int64 length; optional binary content; }",
                Map.of(),
                1,
                10,
                (row, group) ->
                        group.append("path", "file:/data/n01440764/1.JPEG").append("content", bytes("D")));
        assertThat(Inputs.read(source()))
                .containsExactly(
                        new Read("a.parquet#0", "7", null, "val", null, "A"),
                        new Read("b.parquet#0", "x", "t", null, null, "B"),
                        new Read("c.parquet#0", "cat", null, null, null, "C"),
                        new Read("d.parquet#0", "n01440764", null, null, null, "D"));
    }

    @Test
    void aTableWithoutInputsIsRefusedUnlessOthersHaveThem() throws IOException {
        write(
                "a.parquet",
                "message m { required binary image (STRING); }",
                Map.of(),
                1,
                10,
                (row, group) -> group.append("image", "https://example.org/1.jpg"));
        assertThatThrownBy(() -> source().parts())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("required binary image (STRING)");
        writeHuggingFace(1, 10);
        List<Read> inputs = Inputs.read(source());
        assertThat(Inputs.usable(inputs)).containsExactly("data/train-00000-of-00001.parquet#0");
        assertThat(Inputs.problems(inputs)).containsExactly("a.parquet: no bytes");
    }

    @Test
    void aDamagedRowGroupDoesNotHideTheOthers() throws IOException {
        writeHuggingFace(9, 3);
        Path file = directory.resolve("data/train-00000-of-00001.parquet");
        FoundFile found = new FoundFile(file.getFileName().toString(), Files.size(file), null);
        byte[] content = Files.readAllBytes(file);
        try (ParquetFileReader reader = ParquetPart.open(data(), found, Inputs.HADOOP)) {
            long page = reader.getRowGroups().get(1).getColumns().get(0).getStartingPos();
            Arrays.fill(content, (int) page, (int) page + 4, (byte) 0xff);
        }
        Files.write(file, content);
        List<Read> inputs = Inputs.read(source());
        String name = "data/train-00000-of-00001.parquet#";
        assertThat(Inputs.usable(inputs)).containsExactly(name + 0, name + 1, name + 2, name + 6, name + 7, name + 8);
        assertThat(Inputs.problems(inputs)).containsExactly(name + 3 + ": damaged file");
    }

    private SourceDirectory data() throws IOException {
        Path data = directory.resolve("data");
        return SourceDirectory.of(new org.apache.hadoop.fs.Path(data.toUri()), Inputs.HADOOP);
    }

    @Test
    void aFileCutOffIsReported() throws IOException {
        writeHuggingFace(3, 10);
        Path file = directory.resolve("data/train-00000-of-00001.parquet");
        byte[] content = Files.readAllBytes(file);
        for (int length = 0; length < content.length; length += 41) {
            Files.write(file, Arrays.copyOf(content, length));
            assertThat(Inputs.read(source()))
                    .as("cut after %s", length)
                    .containsExactly(
                            new Read("data/train-00000-of-00001.parquet", null, null, null, "damaged file", null));
        }
    }

    /** Whatever the bytes: inputs, problems, and an end; or the driver finds no column of inputs. */
    @Test
    void alteredFilesNeverFail() throws IOException {
        writeHuggingFace(12, 4);
        Path file = directory.resolve("data/train-00000-of-00001.parquet");
        byte[] original = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(SEED);
        int damaged = 0;
        for (int i = 0; i < 300; i++) {
            byte[] altered = original.clone();
            int bytes = 1 + random.nextInt(4);
            for (int j = 0; j < bytes; j++) {
                altered[random.nextInt(altered.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, altered);
            try {
                damaged += Inputs.problems(Inputs.read(source())).isEmpty() ? 0 : 1;
            } catch (ConfigException e) {
                assertThat(e).hasMessageContaining("has the columns");
            }
        }
        assertThat(damaged).isGreaterThan(100);
    }

    @Test
    void aStoreThatFailsIsNoDamage() throws IOException {
        writeHuggingFace(3, 10);
        Path file = directory.resolve("data/train-00000-of-00001.parquet");
        List<Part> parts = source().parts();
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 200));
        assertThatThrownBy(() -> Inputs.read(parts.get(0))).isInstanceOf(IOException.class);
        Files.delete(file);
        assertThatThrownBy(() -> Inputs.read(parts.get(0))).isInstanceOf(IOException.class);
    }
}
