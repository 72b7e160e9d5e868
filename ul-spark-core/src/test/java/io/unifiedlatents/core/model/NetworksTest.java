package io.unifiedlatents.core.model;

import static io.unifiedlatents.core.torchscript.ScriptRunner.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.BaseConfig;
import io.unifiedlatents.core.config.ConditionConfig;
import io.unifiedlatents.core.config.EncoderConfig;
import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.config.PriorConfig;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.GradientCheck;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Encoder, prior and base model on grids that are not square. */
class NetworksTest {
    private static final Encoder ENCODER =
            new Encoder(new EncoderConfig(2, List.of(4, 6), List.of(1, 1), 2), NormKind.LAYER);
    private static final Base BASE = new Base(
            new BaseConfig(List.of(4, 6), List.of(1, 1), List.of(2, 2), 0, new ConditionConfig.None()), List.of());

    private static Value meanSquare(Value y, Value target) {
        return y.sub(target).square().sum().mul(1.0 / (2 * y.elements()));
    }

    @Test
    void gradientOfTheEncoderMatchesFiniteDifferences() {
        GradientCheck.check(
                (graph, in) -> meanSquare(ENCODER.apply(graph.scope("encoder"), in[0]), in[1]),
                new long[] {2, 3, 8, 12},
                new long[] {2, 2, 2, 3});
    }

    @Test
    void gradientOfTheBaseModelMatchesFiniteDifferences() {
        GradientCheck.check(
                (graph, in) -> meanSquare(BASE.of(List.of()).apply(graph.scope("base"), in[0], in[1]), in[0]),
                new long[] {2, 2, 4, 6},
                new long[] {2});
    }

    @Test
    void gradientOfTheBaseModelWithAClassMatchesFiniteDifferences() {
        ClassCondition classes = new ClassCondition(new ConditionConfig.ClassLabel(3, 0.1));
        Base conditional = new Base(BASE.config(), List.of(classes));
        GradientCheck.check(
                (graph, in) -> {
                    Value none = classes.none(in[1].to(DType.INT64));
                    return meanSquare(conditional.of(List.of(none)).apply(graph.scope("base"), in[0], in[1]), in[0]);
                },
                new long[] {2, 2, 4, 6},
                new long[] {2});
    }

    @Test
    void gradientOfThePriorMatchesFiniteDifferences() {
        Prior prior = new Prior(new PriorConfig(8, 2, 2));
        GradientCheck.check(
                (graph, in) -> meanSquare(prior.apply(graph.scope("prior"), in[0], in[1]), in[0]),
                new long[] {2, 2, 4, 6},
                new long[] {2});
    }

    @Test
    void denoisersOfLatentsStartAtZero() {
        for (LatentDenoiser network : List.of(BASE.of(List.of()), new Prior(new PriorConfig(4, 1, 2)))) {
            float[] v = run(
                    new long[][] {{-1, 2, 4, 6}, {-1}},
                    new float[][] {new float[2 * 2 * 24], {1, -1}},
                    (s, in) -> network.apply(s, in[0].add(1), in[1]));
            assertThat(v).hasSize(2 * 2 * 24).containsOnly(0);
        }
    }

    @Test
    void namesTheExtentsThatLevelsDoNotDivide() {
        Graph graph = new Graph("run", new ParameterLayout(), DType.FLOAT32);
        Value z = graph.input("z", DType.FLOAT32, -1, 2, 4, 5);
        Value logSnr = graph.input("logSnr", DType.FLOAT32, -1);
        assertThatThrownBy(() -> BASE.of(List.of()).apply(graph.scope("base"), z, logSnr))
                .hasMessage(
                        "base.widths [4, 6]: height and width of the latent, of [4, 5], must be multiples of 2; use fewer levels");
    }
}
