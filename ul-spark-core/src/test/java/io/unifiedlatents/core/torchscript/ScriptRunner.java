package io.unifiedlatents.core.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.function.BiFunction;

/** Runs a piece of a network on numbers. */
public final class ScriptRunner {
    private ScriptRunner() {}

    /**
     * Runs {@code body} in float32 on inputs of these shapes; parameters have their start values.
     *
     * @param shapes extents; -1 for what the data gives
     * @return all numbers of the result, row-major
     */
    public static float[] run(long[][] shapes, float[][] data, BiFunction<Scope, Value[], Value> body) {
        return run(DType.FLOAT32, shapes, data, body);
    }

    /** A copy that lies in memory row by row, as arrays of numbers do. */
    static Value contiguous(Value x) {
        return x.graph()
                .emit(x.path(), x.shape(), x.dtype(), "torch.contiguous", x, Argument.keyword("memory_format", 0));
    }

    /** As {@link #run(long[][], float[][], BiFunction)} with another compute type. */
    public static float[] run(DType compute, long[][] shapes, float[][] data, BiFunction<Scope, Value[], Value> body) {
        ParameterLayout layout = new ParameterLayout();
        Graph graph = new Graph("run", layout, compute);
        Value[] inputs = new Value[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            inputs[i] = graph.input("x" + i, DType.FLOAT32, shapes[i]);
        }
        Value result = body.apply(graph.scope("test"), inputs).to(DType.FLOAT32);
        graph.output(contiguous(result));
        FloatBuffer weights = FloatBuffer.allocate(Math.max(1, (int) layout.size()));
        layout.initialize(weights, 1);
        try (Program program = Program.load(Archive.withWeights(weights.rewind(), graph), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray[] arrays = new NDArray[shapes.length];
            for (int i = 0; i < shapes.length; i++) {
                arrays[i] = manager.create(data[i]).reshape(shapes[i]);
            }
            return program.call("run", manager, arrays).singletonOrThrow().toFloatArray();
        }
    }
}
