package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.nn.Layers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values that cross from one segment to the next, in a network of two layers with a boundary between them. */
class SegmentsTest {
    private static final int BATCH = 3;
    private static final int WIDTH = 4;

    /**
     * What crosses the boundary: an activation, which a conditional and the body of a loop take, noise drawn before and
     * used behind, and a shared parameter. Some nodes on both sides have results that nobody takes.
     */
    private static Graph twoLayers(ParameterLayout layout) {
        Graph graph = new Graph("step", layout, DType.FLOAT32);
        graph.parametersFromArgument("parameters");
        Value gradient = graph.input("gradient", DType.FLOAT32, 0);
        Value x = graph.input("x", DType.FLOAT32, -1, WIDTH, 1, 1);
        Value scales = graph.constant(x, new float[] {0.5f, -0.2f}, 2, 1);
        Scope s = graph.scope("net");
        Functions.seed(s, graph.input("seeds", DType.INT64, 1));
        Value noise = Functions.normalLike(s, x).reshape(-1, WIDTH);
        Value shared = s.parameter("shared", Initializer.ONES, WIDTH);
        Value h = Layers.linear(s.at("a"), x.reshape(-1, WIDTH), WIDTH).mul(shared);
        h.exp(); // nobody takes it
        graph.boundary();
        noise.mul(h).sigmoid(); // nor this, which would have to cross the boundary
        Value positive = h.select(0, 0).select(0, 0).gt(noise.select(0, 0).select(0, 0));
        Value chosen = graph.ifElse(positive, () -> h.mul(-1), h::silu);
        chosen = graph.loop(
                        scales,
                        List.of(chosen),
                        (i, row, sum) -> List.of(sum.get(0).add(h.mul(row))))
                .get(0);
        Value y = Layers.linear(s.at("b"), chosen.add(noise), WIDTH).mul(shared);
        graph.accumulateGradient(y.square().sum(), gradient);
        graph.output(y.detach());
        return graph;
    }

    @Test
    void gradientsOfSegmentsAreThoseOfTheWhole() {
        ParameterLayout layout = new ParameterLayout();
        Graph graph = twoLayers(layout);
        assertThat(graph.segments())
                .containsExactly(
                        new Graph.Segment("step_backward1", 24, 44), new Graph.Segment("step_backward0", 0, 24));
        try (Program program = Program.load(Archive.of(graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray parameters = manager.zeros(new Shape(layout.size()));
            layout.initialize(Torch.floats(parameters), 3);
            NDArray gradient = manager.zeros(new Shape(layout.size()));
            NDArray x = manager.arange(BATCH * WIDTH).toType(ai.djl.ndarray.types.DataType.FLOAT32, false);
            NDArray[] inputs = {parameters, gradient, x.reshape(BATCH, WIDTH, 1, 1), manager.create(new long[] {5})};
            float[] y = program.call("step", manager, inputs).singletonOrThrow().toFloatArray();
            float[] whole = gradient.toFloatArray();
            assertThat(whole).doesNotContain(0f);
            gradient.subi(gradient);

            NDList kept = program.call("step" + Graph.FORWARD, manager, inputs);
            assertThat(kept.get(0).toFloatArray()).isEqualTo(y);
            NDList upstream = program.call("step_backward1", manager, new NDList(kept), gradient);
            program.call("step_backward0", manager, new NDList(kept).addAll(upstream), gradient);
            // only the gradient of what both segments use adds up in another order, here of two terms: that is equal
            assertThat(gradient.toFloatArray()).isEqualTo(whole);
        }
    }

    @Test
    void aBodyKeepsItsValuesToItself() {
        Graph graph = new Graph("run", new ParameterLayout(), DType.FLOAT32);
        Value x = graph.input("x", DType.FLOAT32, -1, 2);
        Value[] inside = new Value[1];
        Argument condition = Argument.call("ops.prim.is_cuda", x);
        graph.ifElse(
                condition,
                () -> {
                    inside[0] = x.exp();
                    return inside[0].mul(-1);
                },
                () -> x);
        assertThatThrownBy(() -> inside[0].add(1))
                .hasMessage("x: a value made inside a body cannot be used outside of it (x is float32 [B, 2])");
        assertThatThrownBy(() -> graph.ifElse(condition, () -> x, () -> x.select(1, 0)))
                .hasMessage(
                        "run: both cases must end with the same shape and dtype: [float32 [B]] against [float32 [B, 2]]");
        Graph other = new Graph("other", new ParameterLayout(), DType.FLOAT32);
        Value foreign = other.input("foreign", DType.FLOAT32, -1, 2);
        assertThatThrownBy(() -> x.add(foreign))
                .hasMessage("foreign: a value of another method cannot be used in run (x is float32 [B, 2])");
    }
}
