package io.unifiedlatents.core.metrics.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.config.DetectorConfig;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.numpy.Golden;
import io.unifiedlatents.core.numpy.Npy;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResizeTest {
    private static final Golden GOLDEN = new Golden("resize.npz");

    private static Rgb picture(String name) throws IOException {
        Npy picture = GOLDEN.array(name);
        return new Rgb(picture.shape()[1], picture.shape()[0], picture.bytes());
    }

    private static float[] resized(String name, String chain) throws IOException {
        int side = GOLDEN.array(name + "/tf1-bilinear").shape()[1];
        Resize resize = Objects.requireNonNull(Resize.of(new DetectorConfig("", chain, side)));
        return resize.planes(picture(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"up", "down", "mixed", "same", "one"})
    void everyBitOfPillowPytorchAndTheFormulaOfTensorFlow(String name) throws IOException {
        for (String chain : new String[] {"pillow-bicubic", "torch-bilinear", "tf1-bilinear"}) {
            assertThat(resized(name, chain))
                    .as(chain)
                    .containsExactly(GOLDEN.array(name + "/" + chain).floats());
        }
    }

    @Test
    void roundingClipsOvershootsAndTakesHalvesToEven() throws IOException {
        float[] smooth = resized("up", "pillow-bicubic");
        float lowest = 0;
        for (float value : smooth) {
            lowest = Math.min(lowest, value);
        }
        assertThat(lowest).as("else nothing is clipped").isLessThan(-1);
        byte[] expected = GOLDEN.array("up/pillow-bicubic-uint8").bytes();
        float[] rounded = resized("up", "pillow-bicubic-uint8");
        for (int i = 0; i < rounded.length; i++) {
            assertThat(rounded[i]).isEqualTo(expected[i] & 0xFF);
        }
        // the middle of neighbours 0, 1, 2 and 3, then the last again: 0.5 and 2.5 go down, 1.5 up
        byte[] steps = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
        Resize half = new Resize(Resize.Filter.TF1_BILINEAR, true, 8);
        assertThat(java.util.Arrays.copyOf(half.planes(new Rgb(4, 1, steps)), 8))
                .containsExactly(0, 0, 1, 2, 2, 2, 3, 3);
    }

    @Test
    void noneIsNoChain() {
        assertThat(Resize.of(new DetectorConfig("", "none", 299))).isNull();
        assertThat(Resize.of(new DetectorConfig("", "torch-bilinear-uint8", 299)))
                .isEqualTo(new Resize(Resize.Filter.TORCH_BILINEAR, true, 299));
    }
}
