package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.DecoderLoss;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.nn.Pixels;
import io.unifiedlatents.core.schedule.NoiseLevel;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Arrays;
import java.util.List;

/**
 * Stage 2 of the decoder: a diffusion decoder on frozen latents, which get fresh noise at every use (Unified Latents,
 * Sec. 3.3). The loss factor is 1: no encoder competes for bits.
 */
public final class DecoderObjective {
    private DecoderObjective() {}

    /** The objective of a model; {@code seed} is the run's. */
    public static Objective of(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
        ParameterLayout layout = new ParameterLayout();
        return new Objective(
                write(new Graph(Objective.METHOD, layout, compute), model),
                layout,
                List.of("loss"),
                List.of(new Objective.Level(
                        model.pixelSchedule(), Weighting.sigmoid(1, config.bias()), "time of the decoder")),
                true,
                Arrays.stream(model.config().latent().networkBatch()).boxed().toList(),
                null,
                0,
                seed);
    }

    private static Graph write(Graph graph, UnifiedLatents model) {
        graph.parametersFromArgument("parameters");
        Value gradient = graph.input("gradient", DType.FLOAT32, 0);
        Value bytes = graph.input("pixels", DType.UINT8, model.config().sample().storedBatch(-1));
        Value z = graph.input("latents", DType.FLOAT32, model.config().latent().networkBatch());
        Value coefficients = graph.input("coefficients", DType.FLOAT32, -1, Diffusion.COLUMNS);
        Value scalars = graph.input("scalars", DType.FLOAT32, 2);
        Scope s = graph.scope("objective");
        Functions.seed(s, graph.input("seeds", DType.INT64, 1));

        Value x = Pixels.fromBytes(bytes); // [B, 3, R, R]
        NoiseLevel fixed = model.latentNoise();
        Value z0 = z.mul(fixed.alpha()).add(Functions.normalLike(s, z).mul(fixed.sigma()));
        Value lx = DecoderLoss.of(
                graph.scope("decoder"),
                model.decoder(),
                x,
                z0,
                Functions.normalLike(s, x),
                Diffusion.columns(coefficients, 0)); // [B]
        Value loss = lx.mul(Bits.perPixel(model.config().sample())); // [B]
        graph.accumulateGradient(loss.sum().mul(scalars.select(0, 0)), gradient);
        graph.output(loss.reshape(-1, 1).detach());
        return graph;
    }
}
