package io.unifiedlatents.core.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.DecoderConfig;
import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.GradientCheck;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gradient of a small U-ViT, with every kind of layer that is trained, against finite differences. */
class DecoderTest {
    private static final DecoderConfig CONFIG = new DecoderConfig(2, List.of(8, 12), List.of(1, 1), 16, 1, 2, 0);
    private static final int SIDE = 16;
    private static final int BATCH = 2;

    @ParameterizedTest
    @EnumSource(NormKind.class)
    void gradientMatchesFiniteDifferences(NormKind norm) {
        GradientCheck.check(
                (graph, in) -> {
                    Value v = new Decoder(CONFIG, norm).apply(graph.scope("decoder"), in[0], in[1], in[2]);
                    return v.sub(in[0]).square().sum().mul(1.0 / (BATCH * in[0].elements()));
                },
                new long[] {BATCH, 3, SIDE, 2 * SIDE},
                new long[] {BATCH, 4, SIDE / 8, SIDE / 4},
                new long[] {BATCH});
    }

    @Test
    void namesTheLayerWhereSizesDoNotMeet() {
        Graph graph = new Graph("loss", new ParameterLayout(), DType.FLOAT32);
        Value x = graph.input("x", DType.FLOAT32, -1, 3, SIDE, SIDE);
        Value z0 = graph.input("z0", DType.FLOAT32, -1, 4, 4, 4); // the middle is 2×2
        Value logSnr = graph.input("logSnr", DType.FLOAT32, -1);
        assertThatThrownBy(() -> new Decoder(CONFIG, NormKind.LAYER).apply(graph.scope("decoder"), x, z0, logSnr))
                .hasMessageContaining("decoder.")
                .hasMessageContaining("[B, 16, 16]");
    }
}
