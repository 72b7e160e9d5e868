package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.loss.PriorLoss;
import io.unifiedlatents.core.model.LatentDenoiser;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.nn.Pixels;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Value;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Trained networks as TorchScript files for Python, C++ and DJL. The batch extent is free; everything else is fixed by
 * the config. The same weights give the same bytes, so a file's SHA-256 identifies the model.
 *
 * <table>
 *   <caption>Methods; all tensors float32 unless said otherwise, pixels in [−1, 1]</caption>
 *   <tr><td>{@code encoder.pt}</td><td>{@code forward(pixels [B, 3, R, R]) → z [B, C, h, w]};
 *     {@code encode(bytes uint8 [B, R, R, 3]) → z}</td></tr>
 *   <tr><td>{@code prior.pt}</td><td>{@code forward(z_t [B, C, h, w], logSnr [B]) → v};
 *     {@code nats(z, noise, coefficients [B, 4]) → [B]}, the prior loss at the noise levels given</td></tr>
 *   <tr><td>{@code base.pt}</td><td>{@code forward} and {@code nats} as {@code prior.pt};
 *     {@code sample(noise [B, C, h, w], schedule [S, 5]) → z0}, with the noise of the last level still in it</td></tr>
 *   <tr><td>{@code decoder.pt}</td><td>{@code forward(z0 [B, C, h, w], noise [B, 3, R, R]) → pixels}, the whole
 *     sampler with {@value #DEFAULT_STEPS} steps; {@code sample(z0, noise, schedule [S, 5])} with other steps;
 *     {@code denoise(x_t, z0, logSnr [B]) → v}</td></tr>
 * </table>
 */
public final class ModelExport {
    /** Steps of {@code decoder.pt}'s {@code forward}. */
    public static final int DEFAULT_STEPS = 32;

    private final UnifiedLatents model;
    private final DType compute;

    /** Exports networks of this model. */
    public ModelExport(UnifiedLatents model, DType compute) {
        this.model = model;
        this.compute = compute;
    }

    /**
     * A network with its weights.
     *
     * @param file its name, one of {@link Exports#NETWORKS}
     * @param layout of the training run; the network is its part of that name, see {@link Exports#part}
     * @param weights flat vector of that whole layout
     */
    public Archive network(String file, ParameterLayout layout, FloatBuffer weights) {
        return switch (file) {
            case Exports.ENCODER -> encoder(layout, weights);
            case Exports.PRIOR -> prior(layout, weights);
            case Exports.DECODER -> decoder(layout, weights);
            case Exports.BASE -> base(layout, weights);
            default -> throw new IllegalArgumentException(file + " is none of " + Exports.NETWORKS);
        };
    }

    private Archive encoder(ParameterLayout layout, FloatBuffer weights) {
        long resolution = model.config().resolution();
        ParameterLayout own = new ParameterLayout();
        Graph forward = new Graph("forward", own, compute);
        Value pixels = forward.input("pixels", DType.FLOAT32, -1, 3, resolution, resolution);
        forward.output(model.encoder().apply(forward.scope("encoder"), pixels));
        Graph encode = new Graph("encode", own, compute);
        Value bytes = encode.input("bytes", DType.UINT8, -1, resolution, resolution, 3);
        encode.output(model.encoder().apply(encode.scope("encoder"), Pixels.fromBytes(bytes)));
        return Archive.withWeights(part(layout, "encoder", own, weights), forward, encode);
    }

    private Archive prior(ParameterLayout layout, FloatBuffer weights) {
        ParameterLayout own = new ParameterLayout();
        Graph forward = latentForward("prior", model.prior(), own);
        Graph nats = latentNats("prior", model.prior(), own);
        return Archive.withWeights(part(layout, "prior", own, weights), forward, nats);
    }

    private Archive base(ParameterLayout layout, FloatBuffer weights) {
        ParameterLayout own = new ParameterLayout();
        Graph forward = latentForward("base", model.base(), own);
        Graph nats = latentNats("base", model.base(), own);
        Graph sample = new Graph("sample", own, compute);
        sample.input("noise", DType.FLOAT32, latent());
        sampler(sample, "forward(x, logSnr, )", "clean", latent());
        return Archive.withWeights(part(layout, "base", own, weights), forward, nats, sample);
    }

    private Graph latentForward(String part, LatentDenoiser network, ParameterLayout own) {
        Graph forward = new Graph("forward", own, compute);
        Value noisy = forward.input("noisy", DType.FLOAT32, latent());
        forward.output(network.apply(forward.scope(part), noisy, forward.input("logSnr", DType.FLOAT32, -1)));
        return forward;
    }

    private Graph latentNats(String part, LatentDenoiser network, ParameterLayout own) {
        Graph nats = new Graph("nats", own, compute);
        nats.output(PriorLoss.of(
                nats.scope(part),
                network,
                nats.input("z", DType.FLOAT32, latent()),
                nats.input("noise", DType.FLOAT32, latent()),
                Diffusion.columns(nats.input("coefficients", DType.FLOAT32, -1, Diffusion.COLUMNS), 0),
                model.latentSchedule().logSnr(1)));
        return nats;
    }

    private Archive decoder(ParameterLayout layout, FloatBuffer weights) {
        long resolution = model.config().resolution();
        long[] x = {-1, 3, resolution, resolution};
        ParameterLayout own = new ParameterLayout();
        Graph denoise = new Graph("denoise", own, compute);
        Value noisy = denoise.input("noisy", DType.FLOAT32, x);
        Value z0 = denoise.input("z0", DType.FLOAT32, latent());
        denoise.output(
                model.decoder().apply(denoise.scope("decoder"), noisy, z0, denoise.input("logSnr", DType.FLOAT32, -1)));

        Graph sample = new Graph("sample", own, compute);
        sample.input("z0", DType.FLOAT32, latent());
        sample.input("noise", DType.FLOAT32, x);
        sampler(sample, "denoise(x, z0, logSnr, )", "torch.clamp(clean, -1.0, 1.0)", x);

        Graph forward = new Graph("forward", own, compute);
        forward.input("z0", DType.FLOAT32, latent());
        forward.input("noise", DType.FLOAT32, x);
        forward.line("rows = torch.tensor("
                + Arrays.toString(DdimSchedule.toData(model.pixelSchedule(), DEFAULT_STEPS))
                + ", dtype=6, device=ops.prim.device(z0))");
        forward.line("y = (self).sample(z0, noise, torch.reshape(rows, [" + DEFAULT_STEPS + ", " + DdimSchedule.COLUMNS
                + "]), )");
        forward.output(forward.named("y", DType.FLOAT32, x));
        return Archive.withWeights(part(layout, "decoder", own, weights), denoise, sample, forward);
    }

    /**
     * Writes the rest of a method that has an input {@code noise}: takes an input {@code schedule} and follows it.
     *
     * @param velocity call of the method that predicts v of {@code x} at {@code logSnr}
     * @param kept what is kept of the predicted data {@code clean}
     * @param shape of the noise and the result
     */
    private static void sampler(Graph sample, String velocity, String kept, long[] shape) {
        sample.input("schedule", DType.FLOAT32, 0, DdimSchedule.COLUMNS);
        sample.line("x = noise");
        sample.line("for i in range(torch.size(schedule, 0)):");
        sample.line("  row = torch.select(schedule, 0, i)");
        sample.line("  logSnr = torch.mul(torch.ones([torch.size(noise, 0)], dtype=6, layout=None, "
                + "device=ops.prim.device(noise), pin_memory=None), torch.select(row, 0, 0))");
        sample.line("  v = (self)." + velocity);
        sample.line(
                "  clean = torch.sub(torch.mul(x, torch.select(row, 0, 1)), torch.mul(v, torch.select(row, 0, 2)))");
        sample.line("  clean0 = " + kept);
        sample.line("  eps = torch.div(torch.sub(x, torch.mul(clean0, torch.select(row, 0, 1))), "
                + "torch.select(row, 0, 2))");
        sample.line("  x = torch.add(torch.mul(clean0, torch.select(row, 0, 3)), "
                + "torch.mul(eps, torch.select(row, 0, 4)))");
        sample.output(sample.named("x", DType.FLOAT32, shape));
    }

    private long[] latent() {
        return model.config().latentBatchShape();
    }

    private static FloatBuffer part(ParameterLayout layout, String path, ParameterLayout own, FloatBuffer weights) {
        ParameterLayout trained = layout.part(path);
        Check.argument(
                trained.hash().equals(own.hash()),
                "%s: the trained layout has %s elements and the exported network %s; they come from different configs",
                path,
                trained.size(),
                own.size());
        return weights.slice(Math.toIntExact(layout.begin(path)), Math.toIntExact(own.size()));
    }
}
