package io.unifiedlatents.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassTableTest {
    @TempDir
    private Path directory;

    private ClassTable read(String... lines) throws IOException {
        Path file = Files.writeString(directory.resolve("classes.txt"), String.join("\n", lines));
        return ClassTable.read(file.toString(), Inputs.HADOOP);
    }

    @Test
    void linesHaveAnIndexOrAreCounted() throws IOException {
        assertThat(read("\ufeffdog 1", "cat\t0", "", "golden retriever 2").names())
                .containsExactly("cat", "dog", "golden retriever");
        assertThat(read("name,index", "dog,1", "\"cat, \"\"big\"\"\", 0").names())
                .containsExactly("cat, \"big\"", "dog");
        assertThat(read("cat", "golden retriever", "dog").names()).containsExactly("cat", "golden retriever", "dog");
        assertThat(read("n01440764 tench, Tinca tinca", "n01443537 goldfish, Carassius auratus", "n09999999 model 7")
                        .names())
                .containsExactly("n01440764", "n01443537", "n09999999");
        assertThat(read("n01440764 1", "n01443537 0").names()).containsExactly("n01443537", "n01440764");
        assertThat(read("b", "a").label("b")).isZero();
        assertThat(read("b", "a").label("c")).isNull();
    }

    @Test
    void mistakesAreNamedByLine() {
        assertRefused("line 2: index 2 leaves a gap, for there are 2 classes", "a 0", "b 2");
        assertRefused("line 3: index 0 a second time", "a 0", "b 1", "c 0");
        assertRefused("line 3: class a a second time", "a 0", "b 1", "a 2");
        assertRefused("line 2: class a a second time", "a", "a");
        assertRefused("line 2: it has no index, other lines have one", "a,0", "b");
        assertRefused("line 1: index 99999999999 leaves a gap", "a,99999999999");
        assertRefused("is empty", "", "  ");
    }

    private void assertRefused(String message, String... lines) {
        assertThatThrownBy(() -> read(lines))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("classes.txt")
                .hasMessageContaining(message);
    }

    @Test
    void withoutATableNamesAreSortedAndNumbersAreLabels() {
        assertThat(ClassTable.of(List.of("b", "a", "b", "10")).names()).containsExactly("10", "a", "b");
        assertThat(ClassTable.of(List.of()).names()).isEmpty();
        ClassTable numbers = ClassTable.of(List.of("10", "2", "0003"));
        assertThat(numbers.names()).containsExactly("0", "1", "2", "0003", "4", "5", "6", "7", "8", "9", "10");
        assertThat(numbers.label("0003")).isEqualTo(3);
        assertThat(numbers.label("4")).isNull();
        List<String> many = new ArrayList<>();
        for (int i = 0; i <= ClassTable.MOST_CLASSES; i += 1000) {
            many.add(Integer.toString(i));
        }
        assertThat(ClassTable.of(many).names()).hasSize(ClassTable.MOST_CLASSES + 1);
        assertThatThrownBy(() -> ClassTable.of(List.of("1", "1000001")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("class 1000001 is a number above 1000000");
        assertThatThrownBy(() -> ClassTable.of(List.of("1", "01")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("are both number 1");
    }
}
