package io.unifiedlatents.core.torchscript;

import static io.unifiedlatents.core.torchscript.ScriptRunner.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every operation against a plain loop in float64. Inputs are below 3 in size and at most 100 products are summed, so
 * float32 differs by less than 100 · 9 · 2⁻²⁴ ≈ 5e-5.
 */
class FunctionsTest {
    private static final float TOLERANCE = 5e-5f;

    private static float[] numbers(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) Math.max(-3, Math.min(3, random.nextGaussian()));
        }
        return values;
    }

    private static void assertElementwise(
            BiFunction<Scope, Value[], Value> body, DoubleUnaryOperator expected, float[] x) {
        float[] actual = run(new long[][] {{x.length}}, new float[][] {x}, body);
        double[] values = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            values[i] = expected.applyAsDouble(x[i]);
        }
        assertClose(actual, values);
    }

    private static void assertClose(float[] actual, double[] expected) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("element %d", i).isCloseTo(expected[i], within((double) TOLERANCE));
        }
    }

    @Test
    void elementwiseOperationsMatchTheirFormulas() {
        float[] x = numbers(40, 1);
        float[] positive = numbers(40, 2);
        for (int i = 0; i < positive.length; i++) {
            positive[i] = Math.abs(positive[i]) + 0.1f;
        }
        assertElementwise((s, v) -> v[0].add(1.5), a -> a + 1.5, x);
        assertElementwise((s, v) -> v[0].mul(-2), a -> -2 * a, x);
        assertElementwise((s, v) -> v[0].square(), a -> a * a, x);
        assertElementwise((s, v) -> v[0].exp(), Math::exp, x);
        assertElementwise((s, v) -> v[0].sin(), Math::sin, x);
        assertElementwise((s, v) -> v[0].cos(), Math::cos, x);
        assertElementwise((s, v) -> v[0].sigmoid(), a -> 1 / (1 + Math.exp(-a)), x);
        assertElementwise((s, v) -> v[0].silu(), a -> a / (1 + Math.exp(-a)), x);
        assertElementwise((s, v) -> v[0].relu(), a -> Math.max(a, 0), x);
        assertElementwise((s, v) -> v[0].clamp(-0.5, 0.25), a -> Math.max(-0.5, Math.min(0.25, a)), x);
        assertElementwise((s, v) -> v[0].gelu(), FunctionsTest::gelu, x);
        assertElementwise((s, v) -> v[0].sqrt(), Math::sqrt, positive);
        assertElementwise((s, v) -> v[0].rsqrt(), a -> 1 / Math.sqrt(a), positive);
        assertElementwise((s, v) -> v[0].detach(), a -> a, x);
        assertElementwise((s, v) -> v[0].filledWith(7), a -> 7, x);
        assertElementwise((s, v) -> v[0].gt(v[0].mul(-1)).where(v[0], v[0].mul(3)), a -> a > 0 ? a : 3 * a, x);
        assertElementwise((s, v) -> v[0].relu().ne(0).where(v[0], v[0].exp()), a -> a > 0 ? a : Math.exp(a), x);
    }

    /** x Φ(x), with Φ integrated by Simpson's rule (error below 1e-9 at this step). */
    private static double gelu(double x) {
        int n = 400;
        double h = x / n;
        double sum = 0;
        for (int i = 0; i <= n; i++) {
            double weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-0.5 * i * h * i * h);
        }
        return x * (0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI));
    }

    @Test
    void broadcastingMatchesNumPy() {
        float[] a = numbers(6, 3);
        float[] b = numbers(3, 4);
        for (int op = 0; op < 4; op++) {
            int kind = op;
            float[] actual = run(new long[][] {{-1, 3}, {3}}, new float[][] {a, b}, (s, v) -> switch (kind) {
                case 0 -> v[0].add(v[1]);
                case 1 -> v[0].sub(v[1]);
                case 2 -> v[0].mul(v[1]);
                default -> v[0].div(v[1].square().add(1));
            });
            double[] expected = new double[6];
            for (int i = 0; i < 6; i++) {
                double y = b[i % 3];
                expected[i] = switch (kind) {
                    case 0 -> a[i] + y;
                    case 1 -> a[i] - y;
                    case 2 -> a[i] * y;
                    default -> a[i] / (y * y + 1);
                };
            }
            assertClose(actual, expected);
        }
    }

    @Test
    void reductionsAndViewsPickTheRightElements() {
        float[] x = numbers(24, 5); // [2, 3, 4]
        long[][] shape = {{-1, 3, 4}};
        float[][] data = {x};
        assertClose(run(shape, data, (s, v) -> v[0].sum()), new double[] {sum(x, 0, 24)});
        assertClose(run(shape, data, (s, v) -> v[0].sumPerSample()), new double[] {sum(x, 0, 12), sum(x, 12, 24)});
        assertClose(
                run(shape, data, (s, v) -> v[0].unbind(1).get(2)),
                new double[] {x[8], x[9], x[10], x[11], x[20], x[21], x[22], x[23]});
        double[] rows = new double[6];
        for (int i = 0; i < 6; i++) {
            rows[i] = sum(x, 4 * i, 4 * i + 4) / 4;
        }
        assertClose(run(shape, data, (s, v) -> v[0].mean(2)), rows);
        assertThat(run(shape, data, (s, v) -> v[0].max(1)))
                .startsWith(Math.max(Math.max(x[0], x[4]), x[8]))
                .hasSize(2 * 4);
        assertThat(run(shape, data, (s, v) -> v[0].select(1, 2).slice(1, 1, 3)))
                .containsExactly(x[9], x[10], x[21], x[22]);
        assertThat(run(shape, data, (s, v) -> v[0].permute(0, 2, 1).reshape(-1, 12)))
                .startsWith(x[0], x[4], x[8], x[1]);
        assertThat(run(shape, data, (s, v) -> Functions.concat(s, 1, v[0].slice(1, 2, 3), v[0].slice(1, 0, 1))))
                .startsWith(x[8], x[9], x[10], x[11], x[0]);
    }

    private static double sum(float[] x, int begin, int end) {
        double sum = 0;
        for (int i = begin; i < end; i++) {
            sum += x[i];
        }
        return sum;
    }

    /**
     * A convolution as loops over all axes.
     *
     * @param grid spatial extents of x [2, in, grid...]
     * @param kernel of w [out, kernel..., in]
     */
    private static double[] convolution(
            float[] x, float[] w, float[] b, int in, int[] grid, int[] kernel, int[] stride, int[] padding) {
        int axes = grid.length;
        int[] result = new int[axes];
        int cells = 1;
        int taps = 1;
        int positions = 1;
        for (int i = 0; i < axes; i++) {
            result[i] = (grid[i] + 2 * padding[i] - kernel[i]) / stride[i] + 1;
            cells *= result[i];
            taps *= kernel[i];
            positions *= grid[i];
        }
        double[] y = new double[2 * b.length * cells];
        for (int at = 0; at < y.length; at++) {
            int o = at / cells % b.length;
            int n = at / cells / b.length;
            y[at] = b[o];
            for (int tap = 0; tap < taps; tap++) {
                int cell = at % cells;
                int t = tap;
                int position = 0;
                int step = 1;
                boolean inside = true;
                for (int i = axes - 1; i >= 0; i--) {
                    int index = cell % result[i] * stride[i] + t % kernel[i] - padding[i];
                    inside &= index >= 0 && index < grid[i];
                    position += index * step;
                    step *= grid[i];
                    cell /= result[i];
                    t /= kernel[i];
                }
                for (int c = 0; c < in && inside; c++) {
                    y[at] += w[(o * taps + tap) * in + c] * x[(n * in + c) * positions + position];
                }
            }
        }
        return y;
    }

    @Test
    void convolutionMatchesTheSum() {
        for (int stride = 1; stride <= 2; stride++) {
            int step = stride;
            float[] x = numbers(2 * 2 * 5 * 7, 6);
            float[] w = numbers(3 * 9 * 2, 7);
            float[] b = numbers(3, 8);
            float[] actual = run(
                    new long[][] {{-1, 2, 5, 7}, {3, 3, 3, 2}, {3}},
                    new float[][] {x, w, b},
                    (s, v) -> Functions.conv(s, v[0], v[1], v[2], step));
            int[] strides = {stride, stride};
            assertClose(actual, convolution(x, w, b, 2, new int[] {5, 7}, new int[] {3, 3}, strides, new int[] {1, 1}));
        }
    }

    @Test
    void convolutionOfClipsMatchesTheSum() {
        int[] grid = {4, 5, 3};
        int[] kernel = {2, 3, 1};
        int[] stride = {1, 2, 1};
        float[] x = numbers(2 * 2 * 60, 26);
        float[] w = numbers(3 * 6 * 2, 27);
        float[] b = numbers(3, 28);
        long[][] shapes = {{-1, 2, 4, 5, 3}, {3, 2, 3, 1, 2}, {3}};
        float[][] data = {x, w, b};
        float[] centred =
                run(shapes, data, (s, v) -> Functions.conv(s, Functions.channelsLast(s, v[0]), v[1], v[2], stride));
        assertClose(centred, convolution(x, w, b, 2, grid, kernel, stride, new int[] {1, 1, 0}));
    }

    @Test
    void linearMatchesTheSum() {
        float[] x = numbers(2 * 3 * 4, 9);
        float[] w = numbers(5 * 4, 10);
        float[] b = numbers(5, 11);
        float[] actual = run(
                new long[][] {{-1, 3, 4}, {5, 4}, {5}},
                new float[][] {x, w, b},
                (s, v) -> Functions.linear(s, v[0], v[1], v[2]));
        double[] expected = new double[30];
        for (int i = 0; i < 30; i++) {
            double sum = b[i % 5];
            for (int k = 0; k < 4; k++) {
                sum += x[i / 5 * 4 + k] * w[i % 5 * 4 + k];
            }
            expected[i] = sum;
        }
        assertClose(actual, expected);
    }

    @Test
    void matrixProductAndSoftmaxMatchTheirSums() {
        float[] x = numbers(2 * 3 * 4, 24);
        float[] y = numbers(2 * 4 * 2, 25);
        float[] product = run(new long[][] {{-1, 3, 4}, {-1, 4, 2}}, new float[][] {x, y}, (s, v) -> v[0].matmul(v[1]));
        double[] expected = new double[2 * 3 * 2];
        for (int i = 0; i < expected.length; i++) {
            for (int k = 0; k < 4; k++) {
                expected[i] += x[i / 2 * 4 + k] * y[i / 6 * 8 + k * 2 + i % 2];
            }
        }
        assertClose(product, expected);
        double[] shares = new double[24];
        for (int i = 0; i < 24; i++) {
            double total = 0;
            for (int k = i / 4 * 4; k < i / 4 * 4 + 4; k++) {
                total += Math.exp(x[k]);
            }
            shares[i] = Math.exp(x[i]) / total;
        }
        assertClose(run(new long[][] {{-1, 3, 4}}, new float[][] {x}, (s, v) -> v[0].softmax()), shares);
    }

    @Test
    void normsMatchTheirFormulas() {
        float[] x = numbers(2 * 4 * 6, 12); // [2, 4, 6] or [2, 4, 2, 3]
        float[] gain = numbers(6, 13);
        float[] bias = numbers(6, 14);
        float[] layer = run(
                new long[][] {{-1, 4, 6}, {6}, {6}},
                new float[][] {x, gain, bias},
                (s, v) -> Functions.layerNorm(s, v[0], v[1], v[2]));
        float[] rms = run(
                new long[][] {{-1, 4, 6}, {6}}, new float[][] {x, gain}, (s, v) -> Functions.rmsNorm(s, v[0], v[1]));
        double[] expectedLayer = new double[48];
        double[] expectedRms = new double[48];
        for (int row = 0; row < 8; row++) {
            double mean = sum(x, 6 * row, 6 * row + 6) / 6;
            double square = 0;
            for (int i = 0; i < 6; i++) {
                square += x[6 * row + i] * x[6 * row + i] / 6.0;
            }
            for (int i = 0; i < 6; i++) {
                int at = 6 * row + i;
                expectedLayer[at] = (x[at] - mean) / Math.sqrt(square - mean * mean + 1e-5) * gain[i] + bias[i];
                expectedRms[at] = x[at] / Math.sqrt(square + 1e-6) * gain[i];
            }
        }
        assertClose(layer, expectedLayer);
        assertClose(rms, expectedRms);

        float[] gain4 = numbers(4, 15);
        float[] bias4 = numbers(4, 16);
        float[] group = run(
                new long[][] {{-1, 4, 2, 3}, {4}, {4}},
                new float[][] {x, gain4, bias4},
                (s, v) -> Functions.groupNorm(s, v[0], 2, v[1], v[2]));
        double[] expectedGroup = new double[48];
        for (int g = 0; g < 4; g++) {
            double mean = sum(x, 12 * g, 12 * g + 12) / 12;
            double square = 0;
            for (int i = 12 * g; i < 12 * g + 12; i++) {
                square += x[i] * x[i] / 12.0;
            }
            for (int i = 12 * g; i < 12 * g + 12; i++) {
                int c = i / 6 % 4;
                expectedGroup[i] = (x[i] - mean) / Math.sqrt(square - mean * mean + 1e-5) * gain4[c] + bias4[c];
            }
        }
        assertClose(group, expectedGroup);
    }

    /** Few tokens take plain products on the CPU, many the fused kernel. */
    @ParameterizedTest
    @ValueSource(ints = {3, 150})
    void attentionMatchesSoftmaxOfScores(int tokens) {
        int d = 4;
        float[][] qkv = {numbers(2 * tokens * d, 17), numbers(2 * tokens * d, 18), numbers(2 * tokens * d, 19)};
        long[] shape = {-1, 2, tokens, d};
        float[] actual =
                run(new long[][] {shape, shape, shape}, qkv, (s, v) -> Functions.attention(s, v[0], v[1], v[2]));
        double[] expected = new double[2 * tokens * d];
        for (int head = 0; head < 2; head++) {
            for (int t = 0; t < tokens; t++) {
                double[] weights = new double[tokens];
                for (int u = 0; u < tokens; u++) {
                    for (int i = 0; i < d; i++) {
                        weights[u] += qkv[0][(head * tokens + t) * d + i] * qkv[1][(head * tokens + u) * d + i];
                    }
                    weights[u] = Math.exp(weights[u] / Math.sqrt(d));
                }
                double total = Arrays.stream(weights).sum();
                for (int i = 0; i < d; i++) {
                    for (int u = 0; u < tokens; u++) {
                        expected[(head * tokens + t) * d + i] +=
                                weights[u] / total * qkv[2][(head * tokens + u) * d + i];
                    }
                }
            }
        }
        assertClose(actual, expected);
    }

    @Test
    void resamplingMovesTheRightPixels() {
        float[] x = numbers(2 * 4 * 4, 20); // [1, 2, 4, 4]
        long[][] shape = {{-1, 2, 4, 4}};
        float[][] data = {x};
        float[] folded = run(shape, data, (s, v) -> Functions.pixelUnshuffle(s, v[0], 2));
        // channel c·4 + i·2 + j holds pixel (i, j) of each 2×2 patch
        assertThat(folded).startsWith(x[0], x[2], x[8], x[10], x[1], x[3], x[9], x[11], x[4]);
        assertThat(run(shape, data, (s, v) -> Functions.pixelShuffle(s, Functions.pixelUnshuffle(s, v[0], 2), 2)))
                .containsExactly(x);
        assertThat(run(shape, data, (s, v) -> Functions.channelsLast(s, v[0]))).containsExactly(x);
        float[] doubled = run(shape, data, (s, v) -> Functions.upsample(s, v[0], 2));
        assertThat(doubled).startsWith(x[0], x[0], x[1], x[1], x[2], x[2], x[3], x[3], x[0], x[0]);
        float[] halved = run(shape, data, (s, v) -> Functions.downsample(s, v[0], 2));
        assertThat(halved[0]).isCloseTo((x[0] + x[1] + x[4] + x[5]) / 4, within(TOLERANCE));
    }

    @Test
    void foldingAClipKeepsTheOrderOfItsAxes() {
        float[] x = numbers(2 * 4 * 2 * 6, 29); // [1, 2, 4, 2, 6]
        long[][] shape = {{-1, 2, 4, 2, 6}};
        float[][] data = {x};
        float[] folded = run(shape, data, (s, v) -> Functions.pixelUnshuffle(s, v[0], 2, 1, 3));
        for (int at = 0; at < folded.length; at++) { // [1, 2 · 2 · 1 · 3, 2, 2, 2]
            int column = at % 2;
            int row = at / 2 % 2;
            int frame = at / 4 % 2;
            int j = at / 8 % 3;
            int f = at / 24 % 2;
            int c = at / 48;
            assertThat(folded[at]).isEqualTo(x[((c * 4 + 2 * frame + f) * 2 + row) * 6 + 3 * column + j]);
        }
        assertThat(run(
                        shape,
                        data,
                        (s, v) -> Functions.pixelShuffle(s, Functions.pixelUnshuffle(s, v[0], 2, 1, 3), 2, 1, 3)))
                .containsExactly(x);
        // libtorch's own operation and ours agree where both can be used: a picture is a clip of one frame
        float[] picture = run(new long[][] {{-1, 4, 2, 6}}, new float[][] {x}, (s, v) -> {
            Value whole = Functions.pixelUnshuffle(s, v[0], 2);
            return Functions.concat(
                    s, 1, whole, Functions.pixelUnshuffle(s, whole, 1, 3).reshape(-1, 16, 1, 3));
        });
        float[] clip = run(new long[][] {{-1, 4, 1, 2, 6}}, new float[][] {x}, (s, v) -> {
            Value whole = Functions.pixelUnshuffle(s, v[0], 1, 2, 2);
            return Functions.concat(
                    s, 1, whole, Functions.pixelUnshuffle(s, whole, 1, 1, 3).reshape(-1, 16, 1, 1, 3));
        });
        assertThat(clip).containsExactly(picture);
        assertThat(run(shape, data, (s, v) -> Functions.channelsLast(s, v[0]))).containsExactly(x);
    }

    @Test
    void resamplingOfClipsTakesAFactorForEachAxis() {
        float[] x = numbers(2 * 4 * 6, 30); // [1, 1, 2, 4, 6]
        long[][] shape = {{-1, 1, 2, 4, 6}};
        float[][] data = {x};
        float[] halved = run(shape, data, (s, v) -> Functions.downsample(s, v[0], 1, 2, 3));
        assertThat(halved).hasSize(2 * 2 * 2);
        for (int at = 0; at < halved.length; at++) {
            double sum = 0;
            for (int k = 0; k < 6; k++) {
                sum += x[(at / 4 * 4 + at / 2 % 2 * 2 + k / 3) * 6 + at % 2 * 3 + k % 3];
            }
            assertThat((double) halved[at]).isCloseTo(sum / 6, within((double) TOLERANCE));
        }
        float[] doubled = run(shape, data, (s, v) -> Functions.upsample(s, v[0], 2, 1, 3));
        assertThat(doubled).hasSize(4 * 4 * 18);
        for (int at = 0; at < doubled.length; at++) {
            assertThat(doubled[at]).isEqualTo(x[(at / 72 / 2 * 4 + at / 18 % 4) * 6 + at % 18 / 3]);
        }
        float[] group = run(
                new long[][] {{-1, 4, 2, 3, 2}, {4}, {4}},
                new float[][] {x, {1, 2, 3, 4}, {0, 0, 0, 0}},
                (s, v) -> Functions.groupNorm(s, v[0], 2, v[1], v[2]));
        double mean = sum(x, 0, 24) / 24;
        double square = 0;
        for (int i = 0; i < 24; i++) {
            square += x[i] * x[i] / 24.0;
        }
        for (int i = 0; i < 24; i++) {
            double normal = (x[i] - mean) / Math.sqrt(square - mean * mean + 1e-5);
            assertThat((double) group[i]).isCloseTo(normal * (1 + i / 12), within((double) TOLERANCE));
        }
    }

    @Test
    void noiseOfAClipIsThatOfItsFramesOneAboveTheOther() {
        float[][] drawn = new float[2][];
        long[][] shapes = {{-1, 3, 8, 5}, {-1, 3, 2, 4, 5}};
        for (int i = 0; i < 2; i++) {
            Graph graph = new Graph("run", new ParameterLayout(), DType.FLOAT32);
            Value x = graph.input("x", DType.FLOAT32, shapes[i]);
            Scope s = graph.scope("noise");
            Functions.seed(s, graph.input("seeds", DType.INT64, 1));
            graph.output(Functions.normalLike(s, x).reshape(-1, 3, 40)); // channels innermost, then positions in order
            try (Program program = Program.load(Archive.of(graph), Device.cpu());
                    NDManager manager = Torch.newManager(Device.cpu())) {
                NDArray zeros =
                        manager.zeros(new ai.djl.ndarray.types.Shape(240)).reshape(shapes[i]);
                drawn[i] = program.call("run", manager, zeros, manager.create(new long[] {3}))
                        .singletonOrThrow()
                        .toFloatArray();
            }
        }
        assertThat(drawn[1]).hasSize(240).containsExactly(drawn[0]);
    }

    @Test
    void coefficientsOfSamplesBroadcastOverGridsOfAnyRank() {
        float[] x = numbers(2 * 12, 31);
        for (long[] shape : new long[][] {{-1, 2, 2, 3}, {-1, 2, 1, 2, 3}}) {
            float[] scaled = run(
                    new long[][] {shape, {-1}},
                    new float[][] {x, {2, -1}},
                    (s, v) -> v[0].mul(v[1].perSample(v[0].rank())));
            for (int i = 0; i < x.length; i++) {
                assertThat(scaled[i]).isEqualTo(x[i] * (i < 12 ? 2 : -1));
            }
        }
    }

    @Test
    void embeddingTakesRowsAndFourierFeaturesAreCosinesAndSines() {
        Graph graph = new Graph("run", new ParameterLayout(), DType.FLOAT32);
        Value table = graph.input("table", DType.FLOAT32, 4, 2);
        Value rows = graph.input("rows", DType.INT64, -1);
        graph.output(Functions.embedding(graph.scope("e"), table, rows));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray t = manager.create(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, new ai.djl.ndarray.types.Shape(4, 2));
            float[] taken = program.call("run", manager, t, manager.create(new long[] {3, 0}))
                    .singletonOrThrow()
                    .toFloatArray();
            assertThat(taken).containsExactly(6, 7, 0, 1);
        }
        float[] features =
                run(new long[][] {{-1}}, new float[][] {{2}}, (s, v) -> Functions.fourierFeatures(s, v[0], 3, 0.1, 10));
        assertClose(
                features,
                new double[] {Math.cos(0.2), Math.cos(2), Math.cos(20), Math.sin(0.2), Math.sin(2), Math.sin(20)});
    }

    @Test
    void randomNumbersDependOnTheSeedAlone() {
        Graph graph = new Graph("run", new ParameterLayout(), DType.FLOAT32);
        Value x = graph.input("x", DType.FLOAT32, -1, 4, 32, 32);
        Value seeds = graph.input("seeds", DType.INT64, 1);
        Scope s = graph.scope("noise");
        Functions.seed(s, seeds);
        graph.output(ScriptRunner.contiguous(Functions.normalLike(s, x)), Functions.dropout(s, x, 0.25));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray ones = manager.ones(new ai.djl.ndarray.types.Shape(8, 4, 32, 32));
            float[][] drawn = new float[3][];
            float[] dropped = new float[0];
            for (int i = 0; i < 3; i++) {
                var result = program.call("run", manager, ones, manager.create(new long[] {i == 2 ? 8 : 7}));
                drawn[i] = result.get(0).toFloatArray();
                dropped = result.get(1).toFloatArray();
            }
            assertThat(drawn[0]).containsExactly(drawn[1]).isNotEqualTo(drawn[2]);
            // 32,768 draws: mean within 5 standard errors (0.0055), variance likewise (0.0078)
            double mean = 0;
            double power = 0;
            double kept = 0;
            for (int i = 0; i < drawn[0].length; i++) {
                mean += drawn[0][i] / (double) drawn[0].length;
                power += drawn[0][i] * drawn[0][i] / (double) drawn[0].length;
                kept += dropped[i] > 0 ? 1.0 / dropped.length : 0;
                assertThat(dropped[i]).isIn(0f, 4f / 3f);
            }
            assertThat(mean).isCloseTo(0, within(0.028));
            assertThat(power).isCloseTo(1, within(0.04));
            assertThat(kept).isCloseTo(0.75, within(0.012));
        }
    }

    @Test
    void bf16StaysWithinItsEightBits() {
        float[] x = numbers(2 * 8 * 4 * 4, 21);
        float[] w = numbers(8 * 9 * 8, 22);
        float[] b = numbers(8, 23);
        long[][] shapes = {{-1, 8, 4, 4}, {8, 3, 3, 8}, {8}};
        float[][] data = {x, w, b};
        float[] exact = run(shapes, data, (s, v) -> Functions.conv(s, v[0], v[1], v[2], 1));
        float[] rounded = run(
                DType.BFLOAT16,
                shapes,
                data,
                (s, v) -> Functions.conv(
                        s, v[0].to(DType.BFLOAT16), v[1].to(DType.BFLOAT16), v[2].to(DType.BFLOAT16), 1));
        // 72 products of rounded factors (2⁻⁸ each, independent): std of a sum ≈ √72 · 2⁻⁸ ≈ 0.033; six of these, and
        // the rounding of a result below 32 itself, 32 · 2⁻⁹ ≈ 0.06
        for (int i = 0; i < exact.length; i++) {
            assertThat(rounded[i]).isCloseTo(exact[i], within(0.26f));
        }
    }
}
