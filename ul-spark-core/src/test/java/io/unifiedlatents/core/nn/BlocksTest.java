package io.unifiedlatents.core.nn;

import static io.unifiedlatents.core.torchscript.ScriptRunner.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.GradientCheck;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers and blocks on grids that are not square, of pictures and of clips. */
class BlocksTest {
    private static final long[] PICTURE = {2, 4, 2, 3};
    private static final long[] CLIP = {2, 4, 3, 1, 2};
    private static final int ELEMENTS = 2 * 4 * 6;

    private static float[] numbers(int count) {
        Random random = new Random(5);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static long[] open(long[] shape) {
        long[] open = shape.clone();
        open[0] = -1;
        return open;
    }

    private static Value loss(Value y) {
        // weighed by its place, since losses of normalised values alone would be constant
        return y.sigmoid().add(y.mul(0.3)).square().sum().mul(1.0 / ELEMENTS);
    }

    @Test
    void aGridIsCutIntoTokensAndPutTogetherAgain() {
        float[] x = numbers(ELEMENTS);
        for (long[] shape : new long[][] {PICTURE, CLIP}) {
            float[] tokens = run(new long[][] {open(shape)}, new float[][] {x}, (s, v) -> Layers.tokens(v[0]));
            for (int i = 0; i < ELEMENTS; i++) { // [2, 6, 4] from [2, 4, 6]
                assertThat(tokens[i]).isEqualTo(x[(i / 24 * 4 + i % 4) * 6 + i / 4 % 6]);
            }
            assertThat(run(
                            new long[][] {open(shape)},
                            new float[][] {x},
                            (s, v) -> Layers.grid(Layers.tokens(v[0]), v[0].spatial())))
                    .containsExactly(x);
        }
    }

    @ParameterizedTest
    @EnumSource(NormKind.class)
    void normsMatchTheirFormulas(NormKind norm) {
        float[] x = numbers(ELEMENTS);
        for (long[] shape : new long[][] {PICTURE, CLIP}) {
            float[] y = run(new long[][] {open(shape)}, new float[][] {x}, (s, v) -> Layers.norm(s, v[0], norm));
            for (int i = 0; i < ELEMENTS; i++) { // gains start at 1, biases at 0
                double sum = 0;
                double power = 0;
                int first = i / 24 * 24 + i % 6;
                int count = norm == NormKind.GROUP ? 6 : 4; // 4 channels form 4 groups: all positions of one channel
                for (int k = 0; k < count; k++) {
                    double value = norm == NormKind.GROUP ? x[i / 6 * 6 + k] : x[first + 6 * k];
                    sum += value / count;
                    power += value * value / count;
                }
                double expected = norm == NormKind.RMS
                        ? x[i] / Math.sqrt(power + 1e-6)
                        : (x[i] - sum) / Math.sqrt(power - sum * sum + 1e-5);
                // float32; a variance that cancels in float64 here has an error of 1e-16
                assertThat((double) y[i]).isCloseTo(expected, within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(NormKind.class)
    void gradientsOfNormsMatchFiniteDifferences(NormKind norm) {
        for (long[] shape : new long[][] {PICTURE, CLIP}) {
            GradientCheck.check(
                    (graph, in) ->
                            loss(Layers.norm(graph.scope("norm"), Layers.conv(graph.scope("in"), in[0], 4, 1), norm)),
                    shape);
        }
    }

    @Test
    void blocksStartAsTheirShortcut() {
        float[] x = numbers(ELEMENTS);
        float[] condition = numbers(2 * 3);
        for (long[] shape : new long[][] {PICTURE, CLIP}) {
            assertThat(run(
                            new long[][] {open(shape), {-1, 3}},
                            new float[][] {x, condition},
                            (s, v) -> ResBlock.apply(s, v[0], 4, NormKind.LAYER, v[1])))
                    .containsExactly(x);
        }
        assertThat(run(
                        new long[][] {{-1, 6, 4}, {-1, 3}},
                        new float[][] {x, condition},
                        (s, v) -> TransformerBlock.apply(s, v[0], 2, v[1], 0)))
                .containsExactly(x);
    }

    @Test
    void gradientsOfBlocksMatchFiniteDifferences() {
        for (long[] shape : new long[][] {PICTURE, CLIP}) {
            GradientCheck.check(
                    (graph, in) -> {
                        Value h = ResBlock.apply(graph.scope("first"), in[0], 6, NormKind.LAYER, in[1]);
                        return loss(ResBlock.apply(graph.scope("second"), h, 6, NormKind.GROUP, null));
                    },
                    shape,
                    new long[] {2, 3});
        }
        GradientCheck.check(
                (graph, in) -> {
                    Value h = TransformerBlock.apply(graph.scope("first"), in[0], 2, in[1], 0);
                    return loss(TransformerBlock.apply(graph.scope("second"), h, 4, in[1], 0));
                },
                new long[] {2, 5, 8},
                new long[] {2, 3});
        GradientCheck.check(
                (graph, in) -> loss(Layers.positioned(
                        graph.scope("p"),
                        Layers.logSnrEmbedding(graph.scope("e"), in[0], 6).reshape(-1, 3, 2))),
                new long[] {2});
    }

    @Test
    void pixelsOfClipsComeFromBytes() {
        float[] bytes = new float[2 * 2 * 3 * 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = i * 11 % 256;
        }
        float[] y = run(
                new long[][] {{-1, 2, 1, 3, 2}}, new float[][] {bytes}, (s, v) -> Layers.pixels(v[0].to(DType.UINT8)));
        for (int i = 0; i < y.length; i++) { // [2, 2, 2, 1, 3] from [2, 2, 1, 3, 2]
            float expected = bytes[i / 12 * 12 + i % 6 * 2 + i / 6 % 2] / 127.5f - 1;
            assertThat(y[i]).isCloseTo(expected, within(1e-6f)); // 1 / 127.5 rounded once or twice
        }
    }
}
