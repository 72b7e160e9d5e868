package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The gradient that a script computes, against central differences of its loss. */
public final class GradientCheck {
    private static final float STEP = 5e-3f;
    private static final int GROUPS = 8;

    private GradientCheck() {}

    /** A loss that depends on parameters. */
    public interface Loss {
        /** Builds it: a float32 scalar of size 1 or so. */
        Value of(Graph graph, Value[] inputs);
    }

    /**
     * Compares derivatives along random directions: each moves an eighth of the parameters, each of them by a step of
     * length STEP. The difference is off by STEP² f‴/6 ≈ 4e-6 f‴ times a few and by the rounding of two losses, a few
     * times 2⁻²⁴ of their size over 2 · STEP, which is 2e-5; a gradient that lacks one path differs by 1e-3 or more.
     *
     * @param shapes of the inputs, float32, drawn from N(0, 1)
     */
    public static void check(Loss loss, long[]... shapes) {
        ParameterLayout layout = new ParameterLayout();
        Random random = new Random(3);
        try (Program value = Program.load(Archive.of(graph(loss, layout, false, shapes)), Device.cpu());
                Program gradient =
                        Program.load(Archive.of(graph(loss, new ParameterLayout(), true, shapes)), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray[] inputs = new NDArray[shapes.length + 1];
            inputs[0] = manager.zeros(new ai.djl.ndarray.types.Shape(layout.size()));
            FloatBuffer parameters = Torch.floats(inputs[0]);
            for (int i = 0; i < parameters.capacity(); i++) {
                parameters.put(i, (float) (0.3 * random.nextGaussian())); // nothing zero: all paths carry a gradient
            }
            for (int i = 0; i < shapes.length; i++) {
                inputs[i + 1] = normal(manager, random, shapes[i]);
            }
            float[] exact =
                    gradient.call("loss", manager, inputs).singletonOrThrow().toFloatArray();
            for (int group = 0; group < GROUPS; group++) {
                float[] direction = new float[exact.length];
                List<String> names = new ArrayList<>();
                for (int k = group; k < layout.entries().size(); k += GROUPS) {
                    ParameterLayout.Entry entry = layout.entries().get(k);
                    names.add(entry.name());
                    float[] own = direction(random, (int) entry.size());
                    System.arraycopy(own, 0, direction, (int) entry.offset(), own.length);
                }
                double expected = 0;
                for (int i = 0; i < direction.length; i++) {
                    expected += direction[i] * exact[i];
                }
                double up = moved(value, manager, inputs, parameters, direction, STEP);
                double down = moved(value, manager, inputs, parameters, direction, -STEP);
                assertThat((up - down) / (2 * STEP))
                        .as("derivative along %s", names)
                        .isCloseTo(expected, within(0.005 * Math.abs(expected) + 5e-5 * (1 + Math.abs(up))));
            }
        }
    }

    /** The gradient of every parameter, float32 [parameters]: accumulated onto zeros. */
    public static Value gradient(Graph graph, ParameterLayout layout, Value loss) {
        Shape shape = new Shape(layout.size());
        Value flat = graph.create("gradient", shape, loss, "torch.zeros", Argument.of(shape.extents()));
        graph.accumulateGradient(loss, flat);
        return flat;
    }

    private static Graph graph(Loss loss, ParameterLayout layout, boolean gradient, long[]... shapes) {
        Graph graph = new Graph("loss", layout, DType.FLOAT32);
        graph.parametersFromArgument("parameters");
        Value[] inputs = new Value[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            long[] open = shapes[i].clone();
            open[0] = -1;
            inputs[i] = graph.input("x" + i, DType.FLOAT32, open);
        }
        Value value = loss.of(graph, inputs);
        graph.output(gradient ? gradient(graph, layout, value) : value);
        return graph;
    }

    private static NDArray normal(NDManager manager, Random random, long... shape) {
        ai.djl.ndarray.types.Shape extents = new ai.djl.ndarray.types.Shape(shape);
        float[] values = new float[(int) extents.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, extents);
    }

    private static float[] direction(Random random, int size) {
        float[] direction = new float[size];
        double power = 0;
        for (int i = 0; i < size; i++) {
            direction[i] = (float) random.nextGaussian();
            power += direction[i] * direction[i];
        }
        for (int i = 0; i < size; i++) {
            direction[i] /= (float) Math.sqrt(power);
        }
        return direction;
    }

    private static double moved(
            Program loss, NDManager manager, NDArray[] inputs, FloatBuffer parameters, float[] direction, float step) {
        float[] before = new float[direction.length];
        parameters.get(0, before);
        for (int i = 0; i < direction.length; i++) {
            parameters.put(i, before[i] + step * direction[i]);
        }
        try (NDManager call = manager.newSubManager()) {
            return loss.call("loss", call, inputs).singletonOrThrow().getFloat();
        } finally {
            parameters.put(0, before);
        }
    }
}
