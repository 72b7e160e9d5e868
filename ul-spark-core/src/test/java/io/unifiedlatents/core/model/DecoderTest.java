package io.unifiedlatents.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.DecoderConfig;
import io.unifiedlatents.core.nn.Norm;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.torchscript.Value;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gradient of a small U-ViT, with every kind of layer that is trained, against finite differences. */
class DecoderTest {
    private static final DecoderConfig CONFIG = new DecoderConfig(2, List.of(8, 12), List.of(1, 1), 16, 1, 2, 0);
    private static final int SIDE = 16;
    private static final int BATCH = 2;

    private static Graph lossGraph(ParameterLayout layout, Norm norm, boolean gradient) {
        Graph graph = new Graph("loss", layout, DType.FLOAT32);
        graph.parametersFromArgument("parameters");
        Value x = graph.input("x", DType.FLOAT32, -1, 3, SIDE, SIDE);
        Value z0 = graph.input("z0", DType.FLOAT32, -1, 4, SIDE / 8, SIDE / 8);
        Value logSnr = graph.input("logSnr", DType.FLOAT32, -1);
        Value v = new Decoder(CONFIG, norm).apply(graph.scope("decoder"), x, z0, logSnr);
        Value loss = v.sub(x).square().sum().mul(1.0 / (3 * SIDE * SIDE * BATCH));
        graph.output(gradient ? graph.gradient(loss) : loss);
        return graph;
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void gradientMatchesFiniteDifferences(Norm norm) {
        ParameterLayout layout = new ParameterLayout();
        Random random = new Random(3);
        try (Program loss = Program.load(Archive.of(lossGraph(layout, norm, false)), Device.cpu());
                Program gradient =
                        Program.load(Archive.of(lossGraph(new ParameterLayout(), norm, true)), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray parameters = manager.zeros(new Shape(layout.size()));
            FloatBuffer memory = Torch.floats(parameters);
            for (int i = 0; i < layout.size(); i++) {
                memory.put(i, (float) (0.2 * random.nextGaussian())); // nothing zero: every path carries a gradient
            }
            NDArray[] inputs = {
                parameters,
                normal(manager, random, BATCH, 3, SIDE, SIDE),
                normal(manager, random, BATCH, 4, SIDE / 8, SIDE / 8),
                normal(manager, random, BATCH)
            };
            float[] exact =
                    gradient.call("loss", manager, inputs).singletonOrThrow().toFloatArray();
            // along random directions over all parameters: error of the difference h² f‴/6, of float32 2⁻²⁴ f / h
            for (int trial = 0; trial < 8; trial++) {
                float[] direction = new float[exact.length];
                double expected = 0;
                for (int i = 0; i < direction.length; i++) {
                    direction[i] = random.nextInt(4) == 0 ? (float) random.nextGaussian() : 0;
                    expected += direction[i] * exact[i];
                }
                float step = 2e-3f;
                double up = moved(loss, manager, inputs, memory, direction, step);
                double down = moved(loss, manager, inputs, memory, direction, -step);
                double measured = (up - down) / (2 * step);
                assertThat(measured).isCloseTo(expected, within(0.02 * Math.abs(expected) + 0.02));
            }
        }
    }

    private static double moved(
            Program loss, NDManager manager, NDArray[] inputs, FloatBuffer memory, float[] direction, float step) {
        float[] before = new float[direction.length];
        memory.get(0, before);
        for (int i = 0; i < direction.length; i++) {
            memory.put(i, before[i] + step * direction[i]);
        }
        double value = loss.call("loss", manager, inputs).singletonOrThrow().getFloat();
        memory.put(0, before);
        return value;
    }

    private static NDArray normal(NDManager manager, Random random, long... shape) {
        Shape extents = new Shape(shape);
        float[] values = new float[(int) extents.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, extents);
    }

    @Test
    void namesTheLayerWhereSizesDoNotMeet() {
        Graph graph = new Graph("loss", new ParameterLayout(), DType.FLOAT32);
        Value x = graph.input("x", DType.FLOAT32, -1, 3, SIDE, SIDE);
        Value z0 = graph.input("z0", DType.FLOAT32, -1, 4, 4, 4); // the middle is 2×2
        Value logSnr = graph.input("logSnr", DType.FLOAT32, -1);
        assertThatThrownBy(() -> new Decoder(CONFIG, Norm.LAYER).apply(graph.scope("decoder"), x, z0, logSnr))
                .hasMessageContaining("decoder.")
                .hasMessageContaining("[B, 16, 16]");
    }
}
