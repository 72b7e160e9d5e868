package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.DecoderLoss;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.loss.PriorLoss;
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
import java.util.List;

/** Stage 1: encoder, prior and decoder trained jointly by the bound (Unified Latents, Algorithm 1). */
public final class LatentsObjective {
    private LatentsObjective() {}

    /** The objective of a model; {@code seed} is the run's. */
    public static Objective of(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
        ParameterLayout layout = new ParameterLayout();
        return new Objective(
                write(new Graph(Objective.METHOD, layout, compute), model),
                layout,
                List.of("loss", "bitsPerPixel", "decoderLoss", "latentPower"),
                List.of(
                        new Objective.Level(model.latentSchedule(), Weighting.elbo(), "time of the prior"),
                        new Objective.Level(
                                model.pixelSchedule(),
                                Weighting.sigmoid(config.lossFactor(), config.bias()),
                                "time of the decoder")),
                true,
                List.of(),
                null,
                config.priorGradientWarmupSteps(),
                seed);
    }

    private static Graph write(Graph graph, UnifiedLatents model) {
        graph.parametersFromArgument("parameters");
        Value gradient = graph.input("gradient", DType.FLOAT32, 0);
        Value bytes = graph.input("pixels", DType.UINT8, model.config().sample().storedBatch(-1));
        Value coefficients = graph.input("coefficients", DType.FLOAT32, -1, 2 * Diffusion.COLUMNS);
        Value scalars = graph.input("scalars", DType.FLOAT32, 2);
        Scope s = graph.scope("objective");
        Functions.seed(s, graph.input("seeds", DType.INT64, 1));

        Value x = Pixels.fromBytes(bytes); // [B, 3, R, R]
        Value z = model.encoder().apply(graph.scope("encoder"), x); // [B, C, h, w]
        graph.boundary();
        Value lz = PriorLoss.of(
                graph.scope("prior"),
                model.prior(),
                scaledGradient(z, scalars.select(0, 1)),
                Functions.normalLike(s, z),
                Diffusion.columns(coefficients, 0),
                model.latentSchedule().logSnr(1)); // [B]
        graph.boundary();
        NoiseLevel fixed = model.latentNoise();
        Value z0 = z.mul(fixed.alpha()).add(Functions.normalLike(s, z).mul(fixed.sigma()));
        Value lx = DecoderLoss.of(
                graph.scope("decoder"),
                model.decoder(),
                x,
                z0,
                Functions.normalLike(s, x),
                Diffusion.columns(coefficients, Diffusion.COLUMNS)); // [B]

        double bits = Bits.perPixel(model.config().sample());
        Value loss = lz.add(lx).mul(bits); // [B]
        graph.accumulateGradient(loss.sum().mul(scalars.select(0, 0)), gradient);
        Value power = z.square().sumPerSample().mul(1.0 / z.elements());
        graph.output(Functions.concat(s, 1, column(loss), column(lz.mul(bits)), column(lx.mul(bits)), column(power))
                .detach());
        return graph;
    }

    private static Value column(Value perSample) {
        return perSample.reshape(-1, 1);
    }

    /** The same value, whose gradient is multiplied by a factor on its way back. */
    private static Value scaledGradient(Value z, Value factor) {
        Value fixed = z.detach();
        return fixed.add(z.sub(fixed).mul(factor));
    }
}
