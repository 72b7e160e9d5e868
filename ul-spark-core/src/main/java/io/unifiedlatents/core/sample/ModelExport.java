package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
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
import java.util.List;
import java.util.function.Function;

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
 *     {@code sample(noise [B, C, h, w], schedule [S, 5]) → z0}, with the noise of the last level still in it. One that
 *     is told classes takes {@code labels} int64 [B] last, {@code base.classes} meaning none, and {@code sample} behind
 *     them {@code guidance} [S]: w of v̂ + (w − 1) (v̂ − v̂ of no class) in each step</td></tr>
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
        Methods methods = methods(file);
        String part = Exports.part(file);
        requireTrained(part, layout, methods);
        int begin = Math.toIntExact(layout.begin(part));
        FloatBuffer own = weights.slice(begin, Math.toIntExact(methods.layout.size()));
        return Archive.withWeights(own, methods.graphs.toArray(new Graph[0]));
    }

    /** The text of a network's script, which does not depend on its weights. */
    public String script(String file) {
        return Archive.withWeights(FloatBuffer.allocate(0), methods(file).graphs.toArray(new Graph[0]))
                .code();
    }

    /** The methods of a network's file, and the layout of the parameters that they take. */
    private record Methods(ParameterLayout layout, List<Graph> graphs) {}

    private Methods methods(String file) {
        return switch (file) {
            case Exports.ENCODER -> encoder();
            case Exports.PRIOR -> prior();
            case Exports.DECODER -> decoder();
            case Exports.BASE -> base();
            default -> throw new IllegalArgumentException(file + " is none of " + Exports.NETWORKS);
        };
    }

    private Methods encoder() {
        SampleShape sample = model.config().sample();
        ParameterLayout own = new ParameterLayout();
        Graph forward = new Graph("forward", own, compute);
        Value pixels = forward.input("pixels", DType.FLOAT32, sample.networkBatch());
        forward.output(model.encoder().apply(forward.scope("encoder"), pixels));
        Graph encode = new Graph("encode", own, compute);
        Value bytes = encode.input("bytes", DType.UINT8, sample.storedBatch(-1));
        encode.output(model.encoder().apply(encode.scope("encoder"), Pixels.fromBytes(bytes)));
        return new Methods(own, List.of(forward, encode));
    }

    private Methods prior() {
        ParameterLayout own = new ParameterLayout();
        Graph forward = latentForward("prior", graph -> model.prior(), own);
        Graph nats = latentNats("prior", graph -> model.prior(), own);
        return new Methods(own, List.of(forward, nats));
    }

    private Methods base() {
        int classes = model.config().base().condition().classCount();
        Function<Graph, LatentDenoiser> network =
                graph -> model.base().of(classes == 0 ? null : graph.input("labels", DType.INT64, -1));
        ParameterLayout own = new ParameterLayout();
        Graph forward = latentForward("base", network, own);
        Graph nats = latentNats("base", network, own);
        Graph sample = new Graph("sample", own, compute);
        sample.input("noise", DType.FLOAT32, latent());
        sample.input("schedule", DType.FLOAT32, 0, DdimSchedule.COLUMNS);
        if (classes == 0) {
            sampler(sample, List.of("v = (self).forward(x, logSnr, )"), "clean", latent());
        } else {
            sample.input("labels", DType.INT64, -1);
            sample.input("guidance", DType.FLOAT32, 0);
            List<String> guided = List.of(
                    "given = (self).forward(x, logSnr, labels, )",
                    "w = torch.select(guidance, 0, i)",
                    "if bool(torch.ne(w, 1.)):",
                    "  none = (self).forward(x, logSnr, torch.full_like(labels, " + classes + "), )",
                    "  v = torch.add(none, torch.mul(torch.sub(given, none), w))",
                    "else:",
                    "  v = given");
            sampler(sample, guided, "clean", latent());
        }
        return new Methods(own, List.of(forward, nats, sample));
    }

    /** @param network may ask for inputs behind those of the method */
    private Graph latentForward(String part, Function<Graph, LatentDenoiser> network, ParameterLayout own) {
        Graph forward = new Graph("forward", own, compute);
        Value noisy = forward.input("noisy", DType.FLOAT32, latent());
        Value logSnr = forward.input("logSnr", DType.FLOAT32, -1);
        forward.output(network.apply(forward).apply(forward.scope(part), noisy, logSnr));
        return forward;
    }

    /** @param network may ask for inputs behind those of the method */
    private Graph latentNats(String part, Function<Graph, LatentDenoiser> network, ParameterLayout own) {
        Graph nats = new Graph("nats", own, compute);
        Value z = nats.input("z", DType.FLOAT32, latent());
        Value noise = nats.input("noise", DType.FLOAT32, latent());
        Value coefficients = nats.input("coefficients", DType.FLOAT32, -1, Diffusion.COLUMNS);
        nats.output(PriorLoss.of(
                nats.scope(part),
                network.apply(nats),
                z,
                noise,
                Diffusion.columns(coefficients, 0),
                model.latentSchedule().logSnr(1)));
        return nats;
    }

    private Methods decoder() {
        long[] x = model.config().sample().networkBatch();
        ParameterLayout own = new ParameterLayout();
        Graph denoise = new Graph("denoise", own, compute);
        Value noisy = denoise.input("noisy", DType.FLOAT32, x);
        Value z0 = denoise.input("z0", DType.FLOAT32, latent());
        denoise.output(
                model.decoder().apply(denoise.scope("decoder"), noisy, z0, denoise.input("logSnr", DType.FLOAT32, -1)));

        Graph sample = new Graph("sample", own, compute);
        sample.input("z0", DType.FLOAT32, latent());
        sample.input("noise", DType.FLOAT32, x);
        sample.input("schedule", DType.FLOAT32, 0, DdimSchedule.COLUMNS);
        sampler(sample, List.of("v = (self).denoise(x, z0, logSnr, )"), "torch.clamp(clean, -1.0, 1.0)", x);

        Graph forward = new Graph("forward", own, compute);
        forward.input("z0", DType.FLOAT32, latent());
        forward.input("noise", DType.FLOAT32, x);
        forward.line("rows = torch.tensor("
                + Arrays.toString(DdimSchedule.toData(model.pixelSchedule(), DEFAULT_STEPS))
                + ", dtype=6, device=ops.prim.device(z0))");
        forward.line("y = (self).sample(z0, noise, torch.reshape(rows, [" + DEFAULT_STEPS + ", " + DdimSchedule.COLUMNS
                + "]), )");
        forward.output(forward.named("y", DType.FLOAT32, x));
        return new Methods(own, List.of(denoise, sample, forward));
    }

    /**
     * Writes the body of a method with inputs {@code noise} and {@code schedule}.
     *
     * @param velocity lines that predict {@code v} of {@code x} at {@code logSnr}, in step {@code i}
     * @param kept what is kept of the predicted data {@code clean}
     * @param shape of the noise and the result
     */
    private static void sampler(Graph sample, List<String> velocity, String kept, long[] shape) {
        sample.line("x = noise");
        sample.line("for i in range(torch.size(schedule, 0)):");
        sample.line("  row = torch.select(schedule, 0, i)");
        sample.line("  logSnr = torch.mul(torch.ones([torch.size(noise, 0)], dtype=6, layout=None, "
                + "device=ops.prim.device(noise), pin_memory=None), torch.select(row, 0, 0))");
        velocity.forEach(line -> sample.line("  " + line));
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
        return model.config().latent().networkBatch();
    }

    private static void requireTrained(String part, ParameterLayout layout, Methods methods) {
        ParameterLayout trained = layout.part(part);
        Check.argument(
                trained.hash().equals(methods.layout.hash()),
                "%s: the trained layout has %s elements and the exported network %s; they come from different configs",
                part,
                trained.size(),
                methods.layout.size());
    }
}
