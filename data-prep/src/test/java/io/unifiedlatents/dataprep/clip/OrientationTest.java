package io.unifiedlatents.dataprep.clip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.bytedeco.javacpp.IntPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OrientationTest {
    private static final int ONE = 1 << 16;

    /** Matrix, degrees clockwise, and where the pixels 1 2 3 over 4 5 6 go. */
    static Stream<Arguments> matrices() {
        return Stream.of(
                Arguments.of(1, 0, 0, 1, 0, "123456"),
                Arguments.of(0, 1, -1, 0, 90, "415263"),
                Arguments.of(-1, 0, 0, -1, 180, "654321"),
                Arguments.of(0, -1, 1, 0, 270, "362514"),
                Arguments.of(-1, 0, 0, 1, 0, "321654"));
    }

    @ParameterizedTest
    @MethodSource("matrices")
    void pixelsGoWhereTheMatrixSays(int a, int b, int c, int d, int degrees, String expected) {
        try (IntPointer matrix = new IntPointer(a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)) {
            Orientation orientation = Orientation.of(matrix);
            assertThat(orientation.rotation()).isEqualTo(degrees);
            byte[] pixels = {9, 9, 9, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6};
            orientation.apply(pixels, 3, 3, 2);
            StringBuilder shown = new StringBuilder();
            for (int i = 3; i < pixels.length; i += 3) {
                shown.append(pixels[i]);
            }
            assertThat(shown).hasToString(expected);
            assertThat(pixels[0]).isEqualTo((byte) 9);
        }
    }

    @Test
    void otherAnglesAreLeftAlone() {
        try (IntPointer matrix = new IntPointer(46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30)) {
            assertThat(Orientation.of(matrix)).isEqualTo(Orientation.UPRIGHT);
        }
        assertThat(Orientation.of(null)).isEqualTo(Orientation.UPRIGHT);
    }
}
