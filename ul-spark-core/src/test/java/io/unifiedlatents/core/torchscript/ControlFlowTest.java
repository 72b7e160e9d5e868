package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/** Loops, conditionals, calls of other methods and in-place updates. */
class ControlFlowTest {
    private static Graph graph(String method) {
        return new Graph(method, new ParameterLayout(), DType.FLOAT32);
    }

    /** A loop of one variable. */
    private static Value loop(Graph graph, Value rows, Value start, BinaryOperator<Value> body) {
        return graph.loop(rows, List.of(start), (i, row, x) -> List.of(body.apply(row, x.get(0))))
                .get(0);
    }

    /** Runs a method on vectors, or on one matrix of rows followed by vectors. */
    private static NDList run(Archive archive, String method, float[] rows, float[]... vectors) {
        try (Program program = Program.load(archive, Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray[] inputs = new NDArray[vectors.length + 1];
            inputs[0] = manager.create(rows, new Shape(rows.length, 1));
            for (int i = 0; i < vectors.length; i++) {
                inputs[i + 1] = manager.create(vectors[i]);
            }
            NDList results = program.call(method, manager, inputs);
            results.addAll(List.of(inputs)); // which the method may have changed
            results.forEach(NDArray::detach);
            return results;
        }
    }

    @Test
    void aLoopPassesAllVariablesOnAtOnce() {
        Graph graph = graph("fibonacci");
        Value rows = graph.input("rows", DType.FLOAT32, -1, 1);
        Value weights = graph.input("weights", DType.FLOAT32, -1);
        Value zero = graph.constant(rows, new float[] {0}, 1);
        Value one = graph.constant(rows, new float[] {1}, 1);
        // one after the other, not at once, these would be powers of two
        List<Value> last = graph.loop(
                rows,
                List.of(zero, one, zero),
                (i, row, x) ->
                        List.of(x.get(1), x.get(0).add(x.get(1)), x.get(2).add(row.mul(weights.select(0, i)))));
        graph.output(last.get(0), last.get(2));
        NDList results =
                run(Archive.of(graph), "fibonacci", new float[] {1, 2, 3, 4, 5, 6}, new float[] {1, 1, 1, 1, 1, 9});
        assertThat(results.get(0).getFloat(0)).isEqualTo(8); // 1, 1, 2, 3, 5, 8
        assertThat(results.get(1).getFloat(0)).isEqualTo(1 + 2 + 3 + 4 + 5 + 6 * 9);
    }

    @Test
    void aConditionalRunsOneBodyAndACallRunsAnotherMethod() {
        Graph twice = graph("twice");
        Value y = twice.input("y", DType.FLOAT32, -1);
        twice.output(y.mul(2));
        Graph graph = graph("run");
        Value rows = graph.input("rows", DType.FLOAT32, -1, 1);
        Value x = graph.input("x", DType.FLOAT32, -1);
        graph.output(loop(
                graph,
                rows,
                x,
                (row, z) -> graph.ifElse(row.select(0, 0).ne(0), () -> graph.call(twice, z), () -> z.add(1))));
        NDList results = run(Archive.of(twice, graph), "run", new float[] {1, 0, 0, 3}, new float[] {5, -1});
        assertThat(results.get(0).toFloatArray()).containsExactly(24, 0); // ((2 · 5) + 1 + 1) · 2

        assertThatThrownBy(() -> graph.call(twice, rows))
                .hasMessage("rows: twice takes float32 [B] as y (x is float32 [B, 1])");
        assertThatThrownBy(() -> graph.call(twice, x, x))
                .hasMessage(
                        "run: twice takes [float32 [B]] and returns [float32 [B]]; it cannot be called for one value"
                                + " with [float32 [B], float32 [B]]");
        assertThatThrownBy(() -> graph.ifElse(x, () -> x, () -> x))
                .hasMessage("x: a condition must be one number (x is float32 [B])");
        assertThatThrownBy(() -> loop(graph, rows, x, (row, z) -> z.select(0, 0)))
                .hasMessage("run: the body of a loop must end with the shapes and dtypes that it began with:"
                        + " [float32 []] against [float32 [B]]");
    }

    @Test
    void inPlaceUpdatesChangeTheTensorOfTheCaller() {
        Graph graph = graph("update");
        graph.input("rows", DType.FLOAT32, -1, 1);
        Value a = graph.input("a", DType.FLOAT32, 3);
        Value b = graph.input("b", DType.FLOAT32, 3);
        Value c = graph.input("c", DType.FLOAT32, 3);
        Value d = graph.input("d", DType.FLOAT32, 3);
        Value weight = graph.input("weight", DType.FLOAT32, 1).select(0, 0);
        InPlace.add(InPlace.mul(a, 2), d, 0.5);
        InPlace.addcmul(InPlace.sub(b, d), d, d, 0.25);
        InPlace.lerp(InPlace.mul(c, weight), d, weight);
        InPlace.zero(d.slice(0, 1, 3));
        graph.output(weight);
        NDList results = run(
                Archive.of(graph),
                "update",
                new float[] {0},
                new float[] {1, 2, 3},
                new float[] {4, 5, 6},
                new float[] {7, 8, 9},
                new float[] {10, 20, 30},
                new float[] {0.5f});
        // numbers with few binary digits: exact
        assertThat(results.get(2).toFloatArray()).containsExactly(2 + 5, 4 + 10, 6 + 15);
        assertThat(results.get(3).toFloatArray()).containsExactly(-6 + 25, -15 + 100, -24 + 225);
        assertThat(results.get(4).toFloatArray()).containsExactly(6.75f, 12, 17.25f); // halfway from c / 2 to d
        assertThat(results.get(5).toFloatArray()).containsExactly(10, 0, 0);
        assertThatThrownBy(() -> InPlace.sub(weight, a))
                .hasMessage("weight: cannot sub_ with float32 [3] in place (x is float32 [])");
    }

    @Test
    void gradientsFlowThroughLoopsAndCalls() {
        ParameterLayout layout = new ParameterLayout();
        Graph graph = new Graph("power", layout, DType.FLOAT32);
        Value rows = graph.input("rows", DType.FLOAT32, -1, 1);
        Value w = graph.scope("net").parameter("w", new Initializer(1.5f, 0), 1);
        Value product = loop(graph, rows, w, (row, x) -> x.mul(w));
        graph.output(GradientCheck.gradient(graph, layout, product.sum()));
        java.nio.FloatBuffer weights = java.nio.FloatBuffer.wrap(new float[] {1.5f});
        NDList results = run(Archive.withWeights(weights, graph), "power", new float[] {0, 0, 0});
        assertThat((double) results.get(0).getFloat(0)).isCloseTo(4 * Math.pow(1.5, 3), within(1e-6)); // (w⁴)′
    }
}
