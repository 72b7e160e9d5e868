package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class DetectorOperationsTest {
    private static float[] run(long[] shape, float[] x, BiFunction<Scope, Value, Value> body) {
        Graph graph = new Graph("run", new ParameterLayout(), DType.FLOAT32);
        graph.output(body.apply(graph.scope("test"), graph.input("x", DType.FLOAT32, shape)));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            return program.call("run", manager, manager.create(x).reshape(shape))
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    @Test
    void poolingTakesTheLargestValueOfEachWindow() {
        float[] x = new float[2 * 4 * 4]; // [1, 2, 4, 4]
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.sin(i + 1.0);
        }
        float[] largest = run(new long[] {1, 2, 4, 4}, x, (s, v) -> DetectorOperations.maxPool(s, v, 3, 2, 1));
        assertThat(largest[0]).isEqualTo(Math.max(Math.max(x[0], x[1]), Math.max(x[4], x[5])));
        assertThat(largest).hasSize(2 * 2 * 2);
    }

    @Test
    void resizingToHalfWeighsPixelsWithAStretchedTriangle() {
        float[] x = {0.3f, -1.2f, 2.1f, 0.7f};
        float[] row = run(new long[] {1, 1, 1, 4}, x, (s, v) -> DetectorOperations.resize(s, v, 1, 2));
        // the triangle filter, stretched by 2, weighs the pixels about the first with 3, 3 and 1; float32 of sums below
        // 8
        assertThat(row[0]).isCloseTo((3 * x[0] + 3 * x[1] + x[2]) / 7, within(1e-6f));
        assertThat(row).hasSize(2);
    }
}
