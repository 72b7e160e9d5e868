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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListSourceTest {
    @TempDir
    private Path directory;

    private Path write(String path, String content) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private Source list(String... lines) throws IOException {
        Path file = write("lists/all.txt", String.join("\n", lines));
        return Source.open(file.toString(), SourceFormat.AUTO, Inputs.HADOOP);
    }

    @Test
    void linesAreRelativePathsAbsolutePathsAndUris() throws IOException {
        write("lists/a/b/1.png", "1");
        write("lists/x y#%41:z.png", "2");
        write("c/3.png", "3");
        String root = directory.toString();
        assertThat(Inputs.read(list(
                        "\ufeff# a comment",
                        "a/b/1.png",
                        "",
                        "  x y#%41:z.png\r",
                        "../c/3.png",
                        root + "/c/3.png",
                        "file:" + root + "/c/3.png",
                        "file://" + root + "/c/3.png")))
                .containsExactly(
                        Read.of("a/b/1.png", "a/b", "1"),
                        Read.of("x y#%41:z.png", ".", "2"),
                        Read.of("../c/3.png", "../c", "3"),
                        Read.of(root + "/c/3.png", "c", "3"),
                        Read.of("file:" + root + "/c/3.png", "c", "3"),
                        Read.of("file://" + root + "/c/3.png", "c", "3"));
    }

    @Test
    void whatIsNotThereOrNoFileOrListedTwiceIsReported() throws IOException {
        write("lists/a/1.png", "1");
        List<Read> inputs = Inputs.read(list("a/1.png", "a/2.png", "a", "a/1.png", "a/1.png/x"));
        assertThat(Inputs.usable(inputs)).containsExactly("a/1.png");
        assertThat(Inputs.problems(inputs))
                .containsExactly("a/2.png: missing", "a: no file", "a/1.png: duplicate", "a/1.png/x: missing");
    }

    @Test
    void aListIsDividedByItsLines() throws IOException {
        String[] lines = new String[FilesPart.MOST_FILES + 1];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = i + ".png";
        }
        List<Part> parts = list(lines).parts();
        assertThat(parts).hasSize(2);
        assertThat(Inputs.problems(Inputs.read(parts.get(1)))).containsExactly(FilesPart.MOST_FILES + ".png: missing");
    }

    @Test
    void whatIsNoListIsRefused() throws IOException {
        assertRefused(list("# nothing"), "lists no files");
        assertRefused(list("a.png", "nosuch://host/x.png"), "line 2: nosuch://host/x.png is on a file system that");
        Files.write(directory.resolve("lists/all.txt"), "caf\u00e9.png".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(
                Source.open(directory.resolve("lists/all.txt").toString(), SourceFormat.LIST, Inputs.HADOOP),
                "is not in UTF-8");
    }

    private static void assertRefused(Source source, String message) {
        assertThatThrownBy(source::parts)
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("prepare.source=")
                .hasMessageContaining(message);
    }
}
