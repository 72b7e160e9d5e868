package io.unifiedlatents.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnotationTableTest {
    @TempDir
    private Path directory;

    private AnnotationTable read(String csv) throws IOException {
        return read(csv, StandardCharsets.UTF_8);
    }

    private AnnotationTable read(String csv, Charset charset) throws IOException {
        Path file = Files.write(directory.resolve("a b.csv"), csv.getBytes(charset));
        return AnnotationTable.read(file.toString(), Inputs.HADOOP);
    }

    @Test
    void columnsAreInAnyOrderAndCellsMayBeQuoted() throws IOException {
        AnnotationTable table = read(String.join(
                "\r\n",
                "\ufeffsplit,Caption,path,label",
                "train,\"a \"\"big\"\" cat,",
                "asleep\",#a/1.png,cat",
                ",, b/caf\u00e9.png,\"7\"",
                "",
                "val,plain,./c.png,",
                ""));
        assertThat(table.size()).isEqualTo(3);
        assertThat(table.get("#a/1.png")).isEqualTo(new Annotation("cat", "a \"big\" cat,\r\nasleep", "train"));
        assertThat(table.get(" b/caf\u00e9.png")).isEqualTo(new Annotation("7", null, null));
        assertThat(table.get("c.png")).isEqualTo(new Annotation(null, "plain", "val"));
        assertThat(table.get("d.png")).isNull();
        assertThat(table.missing(Set.of("c.png", "d.png"))).containsExactly(" b/caf\u00e9.png", "#a/1.png");
    }

    @Test
    void aTableOfPathsAloneAndCaptionsOfAnyLengthAreRead() throws IOException {
        assertThat(read("path\nx.png").get("x.png")).isEqualTo(Annotation.NONE);
        String caption = "long ".repeat(100_000) + "end";
        assertThat(read("path,caption\nx.png," + caption + "\n").get("x.png"))
                .isEqualTo(new Annotation(null, caption, null));
    }

    @Test
    void mistakesAreNamedByLineAndColumn() {
        assertRefused("", "is empty");
        assertRefused("path,class\nx,1\n", "line 1: column 2 is class; known are");
        assertRefused("path,label,path\nx,1,y\n", "line 1: column 3 is path a second time");
        assertRefused("label\n1\n", "line 1: no column is path");
        assertRefused("path,label\nx,1\ny\n", "line 3: it has 1 columns, the header has 2");
        assertRefused("path,label\nx,1,\ny,2\n", "line 2: it has 3 columns");
        assertRefused("path,label\nx,1\n,2\n", "line 3: column path is empty");
        assertRefused("path,caption\nx,\"two\nlines\"\ny,1\nx,2\n", "line 5: column path has x a second time");
        assertRefused("path,caption\ny,1\nx,\"open\nz,2\n", "line 3: a quote is not closed");
        assertRefused("path,caption\ny,1\nx,\"a\"b\n", "line 3: something follows a closing quote");
        assertRefused("path,caption\ny,1\n\nx,a\"b\n", "line 4: a quote stands within a cell");
        assertThatThrownBy(() -> read("path\ncaf\u00e9.png\n", StandardCharsets.ISO_8859_1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("not UTF-8");
        assertThatThrownBy(
                        () -> read("path\n" + "x".repeat(100_000) + "\ncaf\u00e9.png\n", StandardCharsets.ISO_8859_1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("not UTF-8");
        assertThatThrownBy(
                        () -> AnnotationTable.read(directory.resolve("none.csv").toString(), Inputs.HADOOP))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.csv does not exist");
    }

    private void assertRefused(String csv, String message) {
        assertThatThrownBy(() -> read(csv))
                .as(csv)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("a b.csv")
                .hasMessageContaining(message);
    }

    /** The 1.3 million rows of ImageNet are to fit into a driver that was given no more than Spark's 1 GiB. */
    @Test
    void rowsTakeLittleMemory() throws IOException {
        int rows = 200_000;
        Path file = directory.resolve("imagenet.csv");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("path,label\n");
            for (int i = 0; i < rows; i++) {
                String synset = "n0" + (1_000_000 + i % 1000);
                out.write(synset + "/" + synset + "_" + i + ".JPEG," + synset + "\n");
            }
        }
        long before = used();
        AnnotationTable table = AnnotationTable.read(file.toString(), Inputs.HADOOP);
        long bytes = used() - before;
        assertThat(table.size()).isEqualTo(rows);
        assertThat(bytes / rows).isLessThan(250); // bytes a row: 300 MiB for ImageNet
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
