package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.DecoderLoss;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.loss.PriorLoss;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.nn.Pixels;
import io.unifiedlatents.core.random.Seeds;
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
public final class LatentsObjective implements Objective {
    private final UnifiedLatents model;
    private final ObjectiveConfig config;
    private final long seed;
    private final ParameterLayout layout = new ParameterLayout();
    private final Graph graph;

    /** Writes the script of this model; {@code seed} is the run's. */
    public LatentsObjective(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
        this.model = model;
        this.config = config;
        this.seed = seed;
        this.graph = write(new Graph(METHOD, layout, compute));
    }

    private Graph write(Graph graph) {
        int resolution = model.config().resolution();
        graph.parametersFromArgument("parameters");
        Value gradient = graph.input("gradient", DType.FLOAT32, 0);
        Value bytes = graph.input("pixels", DType.UINT8, -1, resolution, resolution, 3);
        Value coefficients = graph.input("coefficients", DType.FLOAT32, -1, columns());
        Value scalars = graph.input("scalars", DType.FLOAT32, 2);
        Value seeds = graph.input("seeds", DType.INT64, 1);
        Scope s = graph.scope("objective");
        Functions.seed(s, seeds);

        Value x = Pixels.fromBytes(bytes); // [B, 3, R, R]
        Value z = model.encoder().apply(graph.scope("encoder"), x); // [B, C, h, w]
        Value zPrior = scaledGradient(z, scalars.select(0, 1));
        Value lz = PriorLoss.of(
                graph.scope("prior"),
                model.prior(),
                zPrior,
                Functions.normalLike(s, z),
                Diffusion.columns(coefficients, 0),
                config.latentMinLogSnr()); // [B]
        NoiseLevel fixed = model.latentNoise();
        Value z0 = z.mul(fixed.alpha()).add(Functions.normalLike(s, z).mul(fixed.sigma()));
        Value lx = DecoderLoss.of(
                graph.scope("decoder"),
                model.decoder(),
                x,
                z0,
                Functions.normalLike(s, x),
                Diffusion.columns(coefficients, Diffusion.COLUMNS)); // [B]

        Value loss = lz.add(lx).mul(Bits.perPixel(resolution)); // [B], bits per pixel
        graph.accumulate(gradient, graph.gradient(loss.sum().mul(scalars.select(0, 0))));
        Value power = z.square().sumPerSample().mul(1.0 / z.elements());
        graph.output(Functions.concat(
                        s,
                        1,
                        loss.reshape(-1, 1),
                        lz.mul(Bits.perPixel(resolution)).reshape(-1, 1),
                        lx.mul(Bits.perPixel(resolution)).reshape(-1, 1),
                        power.reshape(-1, 1))
                .detach());
        return graph;
    }

    /** The same value, whose gradient is multiplied by a factor on its way back. */
    private static Value scaledGradient(Value z, Value factor) {
        Value fixed = z.detach();
        return fixed.add(z.sub(fixed).mul(factor));
    }

    @Override
    public Graph graph() {
        return graph;
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public List<String> terms() {
        return List.of("loss", "bitsPerPixel", "decoderLoss", "latentPower");
    }

    @Override
    public boolean wantsLatents() {
        return false;
    }

    @Override
    public long[] latentShape() {
        return model.config().latentBatchShape();
    }

    @Override
    public int columns() {
        return 2 * Diffusion.COLUMNS;
    }

    @Override
    public float[] coefficients(long step, int globalBatch) {
        Coefficients rows = new Coefficients(globalBatch, columns());
        rows.fill(0, model.latentSchedule(), Weighting.elbo(), Seeds.of(seed, "time of the prior", step));
        rows.fill(
                Diffusion.COLUMNS,
                model.pixelSchedule(),
                Weighting.sigmoid(config.lossFactor(), config.bias()),
                Seeds.of(seed, "time of the decoder", step));
        return rows.values();
    }

    @Override
    public float[] scalars(long step, int globalBatch) {
        double grown = Math.min(1, (double) step / Math.max(1, config.priorGradientWarmupSteps()));
        return new float[] {1f / globalBatch, config.priorGradientWarmupSteps() == 0 ? 1f : (float) grown};
    }

    @Override
    public long noiseSeed(MicroBatch batch) {
        return Seeds.of(seed, "noise", batch.step(), batch.stream());
    }
}
