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
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySourceTest {
    /** Sorted by bytes: the emoji, surrogates in UTF-16, comes behind the private use character. */
    private static final List<String> ODD_NAMES = List.of(
            " leading and trailing ",
            "#hash",
            "%41 percent",
            "+plus",
            ".hidden.png",
            "_underscore.png",
            "a\\b",
            "a:b.png",
            "caf\u00e9",
            "line\nbreak",
            "quote\"'",
            "star*?[x]{y}",
            "\u65e5\u672c",
            "\ue000",
            "\ud83d\ude00");

    @TempDir
    private Path directory;

    private void write(String path, String content) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Source source(SourceFormat format) throws IOException {
        return Source.open(directory.toString(), format, Inputs.HADOOP);
    }

    private List<Read> writeOddTree() throws IOException {
        List<Read> expected = new ArrayList<>();
        for (String folder : ODD_NAMES) {
            for (String name : ODD_NAMES) {
                String path = folder + "/" + name;
                write(path, path);
                byte[] content = path.getBytes(StandardCharsets.UTF_8);
                expected.add(Read.of(path, folder, new String(content, StandardCharsets.ISO_8859_1)));
            }
        }
        return expected;
    }

    @Test
    void filesOfAnyNameAreReadInTheOrderOfTheBytesOfTheirPaths() throws IOException {
        List<Read> expected = writeOddTree();
        expected.sort((a, b) -> Arrays.compareUnsigned(
                a.path().getBytes(StandardCharsets.UTF_8), b.path().getBytes(StandardCharsets.UTF_8)));
        assertThat(Inputs.read(source(SourceFormat.DIRECTORY))).containsExactlyElementsOf(expected);
    }

    @Test
    void aClassIsTheFolder() throws IOException {
        write("top.png", "1");
        write("a/b/deep.png", "2");
        write("a/file.png", "");
        assertThat(Inputs.read(source(SourceFormat.AUTO)))
                .containsExactly(
                        Read.of("a/b/deep.png", "a/b", "2"),
                        Read.of("a/file.png", "a", ""),
                        Read.of("top.png", ".", "1"));
    }

    @Test
    void whatSystemsLeaveBehindIsNoInput() throws IOException {
        for (String name : List.of(
                "_SUCCESS",
                "a/.DS_Store",
                "a/Thumbs.db",
                "a/desktop.ini",
                "a/._x.png",
                "a/.x.png.crc",
                "_temporary/0/x.png",
                "__MACOSX/a/x.png",
                "a/x.png",
                "a/.x.png",
                "a/_x.png",
                "a/x.crc")) {
            write(name, "x");
        }
        assertThat(Inputs.read(source(SourceFormat.AUTO)))
                .extracting(Read::path)
                .containsExactly("a/.x.png", "a/_x.png", "a/x.crc", "a/x.png");
    }

    @Test
    void linksAreFollowedAndThoseThatLeadNowhereOrInCirclesReported() throws Exception {
        write("a/x.png", "x");
        Files.createSymbolicLink(directory.resolve("a/y.png"), Path.of("x.png"));
        Files.createSymbolicLink(directory.resolve("b"), Path.of("a"));
        Files.createSymbolicLink(directory.resolve("a/gone.png"), Path.of("nothing.png"));
        Files.createSymbolicLink(directory.resolve("a/up"), Path.of(".."));
        assertThat(new ProcessBuilder("mkfifo", directory.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        List<Read> inputs = Inputs.read(source(SourceFormat.DIRECTORY));
        assertThat(Inputs.usable(inputs)).containsExactly("a/x.png", "a/y.png", "b/x.png", "b/y.png");
        assertThat(Inputs.problems(inputs))
                .containsExactly("a/gone.png: link", "a/up: link", "b/gone.png: link", "b/up: link", "pipe: no file");
    }

    @Test
    void aNameInAnotherEncodingIsReported() throws Exception {
        write("x.png", "x");
        assertThat(new ProcessBuilder("bash", "-c", "echo y > $'caf\\xe9'; echo y > $'caf\\xe8'")
                        .directory(directory.toFile())
                        .start()
                        .waitFor())
                .isZero();
        List<Read> inputs = Inputs.read(source(SourceFormat.DIRECTORY));
        assertThat(Inputs.usable(inputs)).containsExactly("x.png");
        assertThat(Inputs.problems(inputs)).containsExactly("caf%E8: unreadable name", "caf%E9: unreadable name");
    }

    @Test
    void partsAreBoundedByCountAndBytes() throws IOException {
        List<FoundFile> files = new ArrayList<>(Collections.nCopies(FilesPart.MOST_FILES + 1, file(10)));
        files.add(file(FilesPart.MOST_BYTES));
        files.add(file(FilesPart.MOST_BYTES / 2));
        files.add(file(FilesPart.MOST_BYTES / 2));
        files.add(file(SourceInput.MAX_BYTES + 1));
        Listing listing =
                new Listing(SourceDirectory.of(new org.apache.hadoop.fs.Path("/"), Inputs.HADOOP), false, files);
        List<Part> parts = FilesPart.divide(listing);
        assertThat(parts)
                .extracting(Part::bytes)
                .containsExactly(
                        10L * FilesPart.MOST_FILES,
                        10L,
                        FilesPart.MOST_BYTES,
                        FilesPart.MOST_BYTES,
                        SourceInput.MAX_BYTES + 1);
        assertThat(Inputs.problems(Inputs.read(parts.get(4)))).containsExactly("x: too large");
    }

    private static FoundFile file(long length) {
        return new FoundFile("x", length, null);
    }

    @Test
    void aFileThatChangesWhileItIsReadFailsTheTask() throws IOException {
        write("x.png", "1234");
        List<Part> parts = source(SourceFormat.DIRECTORY).parts();
        write("x.png", "12");
        assertThatThrownBy(() -> Inputs.read(parts.get(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("x.png had 4 bytes when it was listed, now it has 2");
        Files.delete(directory.resolve("x.png"));
        assertThatThrownBy(() -> Inputs.read(parts.get(0))).isInstanceOf(IOException.class);
    }

    @Test
    void whatCannotBeASourceIsRefused() throws IOException {
        assertRefused(directory.resolve("none").toString(), SourceFormat.DIRECTORY, "none does not exist");
        assertRefused(directory.toString(), SourceFormat.DIRECTORY, "has no files");
        write("x.png", "x");
        assertRefused(directory.resolve("x.png").toString(), SourceFormat.DIRECTORY, "is a file");
        assertRefused(directory.resolve("x.png").toString(), SourceFormat.AUTO, "is a file of unknown kind");
        assertRefused(directory.toString(), SourceFormat.ARCHIVES, "has no .tar");
        assertRefused(directory.toString(), SourceFormat.PARQUET, "has no .parquet");
        assertRefused(directory.toString(), SourceFormat.LIST, "is a directory");
    }

    private static void assertRefused(String location, SourceFormat format, String message) {
        assertThatThrownBy(() -> Source.open(location, format, Inputs.HADOOP).parts())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("prepare.")
                .hasMessageContaining(message);
    }

    @Test
    void theFormatIsFoundByWhatIsThere() throws IOException {
        write("README.md", "about");
        write("shards/0.tar", "");
        write("shards/0.parquet", "");
        write("shards/0_stats.json", "");
        assertThat(source(SourceFormat.AUTO)).isInstanceOf(ArchiveSource.class);
        write("other/x.parquet", "");
        assertThatThrownBy(() -> source(SourceFormat.AUTO))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("1 archives, 1 Parquet files");
        Files.delete(directory.resolve("shards/0.tar"));
        assertThat(source(SourceFormat.AUTO)).isInstanceOf(ParquetSource.class);
        write("x.jpg", "");
        assertThatThrownBy(() -> source(SourceFormat.AUTO))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("others such as x.jpg");
        String list = directory.resolve("list.txt").toString();
        write("list.txt", "x.jpg");
        assertThat(Source.open(list, SourceFormat.AUTO, Inputs.HADOOP)).isInstanceOf(ListSource.class);
    }
}
