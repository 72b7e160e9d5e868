package io.unifiedlatents.core.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.nn.TransformerBlock;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {
    private final Graph graph = new Graph("run", new ParameterLayout(), DType.FLOAT32);

    @Test
    void errorsNameTheLayerAndBothShapes() {
        Value x = graph.input("x", DType.FLOAT32, -1, 64, 32, 32);
        Scope s = graph.scope("decoder").at("down").at(1).at("conv1");
        Value weight = s.parameter("weight", Initializer.ZEROS, 128, 3, 3, 128);
        Value bias = s.parameter("bias", Initializer.ZEROS, 128);
        assertThatThrownBy(() -> Functions.conv(s, x, weight, bias, 1))
                .hasMessage("decoder.down.1.conv1: expected 128 input channels, got 64 (x is [B, 64, 32, 32])");
        assertThatThrownBy(() -> x.add(graph.input("y", DType.FLOAT32, -1, 64, 16, 32)))
                .hasMessage("x: cannot add: the other operand is float32 [B, 64, 16, 32] from y"
                        + " (x is float32 [B, 64, 32, 32])");
        assertThatThrownBy(() -> x.reshape(-1, 100))
                .hasMessage("x: cannot reshape to [B, 100] (x is float32 [B, 64, 32, 32])");
        assertThatThrownBy(() -> Functions.pixelUnshuffle(s, x, 5))
                .hasMessage("decoder.down.1.conv1: spatial extents must be multiples of [5, 5]"
                        + " (x is [B, 64, 32, 32])");
        assertThatThrownBy(() -> x.add(x.to(DType.BFLOAT16))).hasMessageContaining("bfloat16");
        assertThatThrownBy(() -> graph.output(x.to(DType.BFLOAT16))).hasMessageContaining("cast to float32");
    }

    @Test
    void aParameterHasOneShape() {
        Scope s = graph.scope("layer");
        s.parameter("weight", Initializer.ONES, 2, 3);
        assertThat(s.parameter("weight", Initializer.ONES, 2, 3)).isNotNull();
        Graph other = new Graph("other", new ParameterLayout(), DType.FLOAT32);
        ParameterLayout shared = new ParameterLayout();
        new Graph("a", shared, DType.FLOAT32).scope("layer").parameter("weight", Initializer.ONES, 2, 3);
        assertThatThrownBy(() -> new Graph("b", shared, DType.FLOAT32)
                        .scope("layer")
                        .parameter("weight", Initializer.ONES, 3, 2))
                .hasMessage("layer.weight: parameter has shape [2, 3] elsewhere and [3, 2] here");
        assertThat(other).isNotNull();
    }

    @Test
    void countsParametersAndFlopsOfATransformerBlock() {
        ParameterLayout layout = new ParameterLayout();
        Graph block = new Graph("run", layout, DType.FLOAT32);
        long width = 64;
        long tokens = 16;
        Value x = block.input("x", DType.FLOAT32, -1, tokens, width);
        Value condition = block.input("c", DType.FLOAT32, -1, 32);
        TransformerBlock.apply(block.scope("block"), x, 4, condition, 0);
        long modulation = 32 * 6 * width;
        // qkv, projection and MLP: 12 C² weights used once a token; scores and mixing: 2 T² C products each
        assertThat(block.flops())
                .isEqualTo(2 * modulation + 2 * 12 * width * width * tokens + 2 * 2 * tokens * tokens * width);
        long biases = 6 * width + 3 * width + width + 4 * width + width;
        long norms = 4 * width + 4 * 16;
        assertThat(layout.size()).isEqualTo(modulation + 12 * width * width + biases + norms);
    }

    @Test
    void partsOfALayoutStartAtZeroAndKeepTheirNames() {
        ParameterLayout layout = new ParameterLayout();
        Graph two = new Graph("run", layout, DType.FLOAT32);
        Value x = two.input("x", DType.FLOAT32, -1, 3);
        Layers.linear(
                two.scope("second").at("out"), Layers.linear(two.scope("first").at("in"), x, 5), 2);
        ParameterLayout second = layout.part("second");
        assertThat(layout.begin("second")).isEqualTo(3 * 5 + 5);
        assertThat(second.entry("second.out.weight").offset()).isZero();
        assertThat(second.size()).isEqualTo(5 * 2 + 2);
        assertThatThrownBy(() -> layout.part("third")).hasMessage("no parameter lies below third");
    }

    @Test
    void startValuesFollowTheInitializerAndTheNameOnly() {
        ParameterLayout layout = new ParameterLayout();
        Graph net = new Graph("run", layout, DType.FLOAT32);
        Layers.linear(net.scope("a"), net.input("x", DType.FLOAT32, -1, 100), 1000);
        java.nio.FloatBuffer values = java.nio.FloatBuffer.allocate((int) layout.size());
        layout.initialize(values, 5);
        double power = 0;
        for (int i = 0; i < 100_000; i++) {
            power += values.get(i) * values.get(i) / 100_000.0;
        }
        // 100,000 draws of variance 1/100: relative standard error of the variance √(2/100000) = 0.0045, five of them
        assertThat(power * 100).isCloseTo(1, within(0.0225));
        assertThat(values.get(100_500)).isZero();

        FloatVector segments = FloatVector.of(List.of(ByteBuffer.allocate(280_000), ByteBuffer.allocate(124_000)));
        layout.initialize(segments, 5); // the weight of 400,000 bytes lies in both
        assertThat(segments.toArray()).isEqualTo(values.array());

        ParameterLayout longer = new ParameterLayout();
        Graph more = new Graph("run", longer, DType.FLOAT32);
        Value x = more.input("x", DType.FLOAT32, -1, 100);
        Layers.linear(more.scope("before"), x, 7);
        Layers.linear(more.scope("a"), x, 1000);
        java.nio.FloatBuffer shifted = java.nio.FloatBuffer.allocate((int) longer.size());
        longer.initialize(shifted, 5);
        assertThat(shifted.get((int) longer.begin("a") + 17)).isEqualTo(values.get(17));
    }
}
