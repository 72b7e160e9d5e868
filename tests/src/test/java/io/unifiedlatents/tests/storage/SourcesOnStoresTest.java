package io.unifiedlatents.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.SourceFormat;
import io.unifiedlatents.dataprep.source.Annotation;
import io.unifiedlatents.dataprep.source.Part;
import io.unifiedlatents.dataprep.source.PartReader;
import io.unifiedlatents.dataprep.source.Source;
import io.unifiedlatents.dataprep.source.SourceInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A source gives the same inputs from a real HDFS and a real S3 server as from disk. */
@ParameterizedClass
@ValueSource(strings = {"hdfs", "s3a"})
@Timeout(300)
class SourcesOnStoresTest {
    private static final List<String> ODD_NAMES = List.of(
            "#hash",
            "%41 percent",
            "+plus &amp;",
            ".hidden",
            "_underscore",
            "a b  c",
            "caf\u00e9",
            "quote\"'",
            "star*[x]{y}",
            "\u65e5\u672c",
            "\ue000",
            "\ud83d\ude00");

    @TempDir
    private static Path directory;

    private static final Configuration CONF = new Configuration();
    private static MiniDFSCluster hdfs;
    private static S3Server s3;

    @Parameter
    private String scheme;

    /** What a task sees of an input; of a problem only its class. */
    private record Seen(
            String path,
            long length,
            Annotation annotation,
            @Nullable String problem,
            @Nullable String content) {}

    @BeforeAll
    static void start() throws Exception {
        if (s3 == null) {
            s3 = S3Server.start(directory, "sources");
            s3.settings().forEach(CONF::set);
            hdfs = new MiniDFSCluster.Builder(CONF, directory.resolve("hdfs").toFile())
                    .numDataNodes(1)
                    .build();
            writeTree();
            writeArchives();
            writeTable();
            write(
                    "sources/lists/all.txt",
                    "../tree/#hash/%41 percent\n../tree/gone\n../tree/a b  c/caf\u00e9\n"
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    @AfterAll
    static void stop() {
        hdfs.close();
        s3.close();
    }

    private static void write(String path, byte[] content) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static void writeTree() throws IOException {
        for (String folder : ODD_NAMES) {
            for (String name : ODD_NAMES) {
                write("sources/tree/" + folder + "/" + name, (folder + name).getBytes(StandardCharsets.UTF_8));
            }
        }
        write("sources/tree/_SUCCESS", new byte[0]);
        write("sources/tree/empty", new byte[0]);
    }

    private static void writeArchives() throws IOException {
        byte[] samples = tar(new TreeMap<>(Map.of("0.jpg", bytes("A"), "0.cls", bytes("3"), "1.jpg", bytes("B"))));
        byte[] nested = tar(new TreeMap<>(Map.of("n01440764.tar", samples, "n01443537.tar", samples)));
        write("sources/archives/a.tar", nested);
        write("sources/archives/b.tar", java.util.Arrays.copyOf(nested, nested.length / 2));
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(compressed)) {
            out.write(samples);
        }
        write("sources/archives/c.tar.gz", compressed.toByteArray());
    }

    private static byte[] tar(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                out.putArchiveEntry(entry);
                out.write(file.getValue());
                out.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] bytes(String content) {
        return content.getBytes(StandardCharsets.UTF_8);
    }

    private static void writeTable() throws IOException {
        MessageType type = MessageTypeParser.parseMessageType(
                "message m { optional group image { optional binary bytes; optional binary path (STRING); } required int64 label; }");
        Path file = directory.resolve("sources/tables/train-00000-of-00001.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(
                        HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), CONF))
                .withType(type)
                .build()) {
            for (long row = 0; row < 10; row++) {
                Group group = new SimpleGroupFactory(type).newGroup();
                group.addGroup("image")
                        .append("bytes", Binary.fromConstantByteArray(bytes("picture " + row)))
                        .append("path", row + ".jpg");
                writer.write(group.append("label", row));
            }
        }
    }

    private static List<Seen> read(String location) throws IOException {
        List<Seen> inputs = new ArrayList<>();
        for (Part part : Source.open(location, SourceFormat.AUTO, CONF).parts()) {
            try (PartReader reader = part.open(CONF)) {
                for (SourceInput input = reader.next(); input != null; input = reader.next()) {
                    String problem = input.problem();
                    inputs.add(new Seen(
                            input.path(),
                            input.length(),
                            input.annotation(),
                            problem == null ? null : problem.substring(0, problem.indexOf(':')),
                            problem == null ? new String(input.read(), StandardCharsets.UTF_8) : null));
                }
            }
        }
        return inputs;
    }

    @Test
    void theSameInputsAsFromDisk() throws IOException {
        String store = scheme.equals("s3a") ? s3.uri("in put#s") : hdfs.getURI() + "/in put#s";
        FileSystem fileSystem = new org.apache.hadoop.fs.Path(store).getFileSystem(CONF);
        Path sources = directory.resolve("sources");
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (OutputStream out =
                        fileSystem.create(new org.apache.hadoop.fs.Path(store + "/" + sources.relativize(file)))) {
                    Files.copy(file, out);
                }
            }
        }
        for (String source : List.of("tree", "archives", "archives/a.tar", "tables", "lists/all.txt")) {
            List<Seen> local = read("file:" + sources + "/" + source); // plain paths are those of the mini HDFS
            assertThat(read(store + "/" + source)).as(source).isEqualTo(local).isNotEmpty();
        }
        assertThat(read(store + "/tree")).hasSize(ODD_NAMES.size() * ODD_NAMES.size() + 1);
    }

    @Test
    void aColonIsANameLikeAnyOnS3() throws IOException {
        if (scheme.equals("s3a")) { // HDFS takes none
            org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path("s3a", "sources", "/colons/a:b/c:d");
            try (OutputStream out = file.getFileSystem(CONF).create(file)) {
                out.write(bytes("x"));
            }
            assertThat(read(s3.uri("colons"))).extracting(Seen::path).containsExactly("a:b/c:d");
        }
    }
}
