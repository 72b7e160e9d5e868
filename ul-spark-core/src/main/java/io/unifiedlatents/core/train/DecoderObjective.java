package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.data.MicroBatch;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.loss.DecoderLoss;
import io.unifiedlatents.core.loss.Diffusion;
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

/**
 * Stage 2 of the decoder: a diffusion decoder on frozen latents, which get fresh noise at every use (Unified Latents,
 * Sec. 3.3). The loss factor is 1: no encoder competes for bits.
 */
public final class DecoderObjective implements Objective {
    private final UnifiedLatents model;
    private final ObjectiveConfig config;
    private final long seed;
    private final ParameterLayout layout = new ParameterLayout();
    private final Graph graph;

    /** Writes the script of this model; {@code seed} is the run's. */
    public DecoderObjective(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
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
        Value z = graph.input("latents", DType.FLOAT32, latentShape());
        Value coefficients = graph.input("coefficients", DType.FLOAT32, -1, columns());
        Value scalars = graph.input("scalars", DType.FLOAT32, 1);
        Value seeds = graph.input("seeds", DType.INT64, 1);
        Scope s = graph.scope("objective");
        Functions.seed(s, seeds);

        Value x = Pixels.fromBytes(bytes); // [B, 3, R, R]
        NoiseLevel fixed = model.latentNoise();
        Value z0 = z.mul(fixed.alpha()).add(Functions.normalLike(s, z).mul(fixed.sigma()));
        Value lx = DecoderLoss.of(
                graph.scope("decoder"),
                model.decoder(),
                x,
                z0,
                Functions.normalLike(s, x),
                Diffusion.columns(coefficients, 0));
        Value loss = lx.mul(Bits.perPixel(resolution)); // [B], bits per pixel
        graph.accumulate(gradient, graph.gradient(loss.sum().mul(scalars.select(0, 0))));
        graph.output(loss.reshape(-1, 1).detach());
        return graph;
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
        return List.of("loss");
    }

    @Override
    public boolean wantsLatents() {
        return true;
    }

    @Override
    public long[] latentShape() {
        return model.config().latentBatchShape();
    }

    @Override
    public int columns() {
        return Diffusion.COLUMNS;
    }

    @Override
    public float[] coefficients(long step, int globalBatch) {
        Coefficients rows = new Coefficients(globalBatch, columns());
        rows.fill(
                0,
                model.pixelSchedule(),
                Weighting.sigmoid(1, config.bias()),
                Seeds.of(seed, "time of the decoder", step));
        return rows.values();
    }

    @Override
    public float[] scalars(long step, int globalBatch) {
        return new float[] {1f / globalBatch};
    }

    @Override
    public long noiseSeed(MicroBatch batch) {
        return Seeds.of(seed, "noise", batch.step(), batch.stream());
    }
}
