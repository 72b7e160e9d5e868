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
import io.unifiedlatents.core.torchscript.Handle;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Value;
import java.nio.FloatBuffer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

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
        Value noise = sample.input("noise", DType.FLOAT32, latent());
        Value schedule = sample.input("schedule", DType.FLOAT32, -1, DdimSchedule.COLUMNS);
        if (classes == 0) {
            sample.output(
                    ddim(sample, noise, schedule, (i, x, logSnr) -> sample.call(forward, x, logSnr), clean -> clean));
        } else {
            Value labels = sample.input("labels", DType.INT64, -1);
            Value guidance = sample.input("guidance", DType.FLOAT32, -1);
            Velocity guided = (i, x, logSnr) -> {
                Value given = sample.call(forward, x, logSnr, labels);
                Value w = guidance.select(0, i);
                Supplier<Value> moved = () -> {
                    Value none = sample.call(forward, x, logSnr, labels.filledWith(classes));
                    return none.add(given.sub(none).mul(w));
                };
                return sample.ifElse(w.ne(1), moved, () -> given);
            };
            sample.output(ddim(sample, noise, schedule, guided, clean -> clean));
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
        Value latent = sample.input("z0", DType.FLOAT32, latent());
        Value noise = sample.input("noise", DType.FLOAT32, x);
        Value schedule = sample.input("schedule", DType.FLOAT32, -1, DdimSchedule.COLUMNS);
        Velocity velocity = (i, noised, logSnr) -> sample.call(denoise, noised, latent, logSnr);
        sample.output(ddim(sample, noise, schedule, velocity, clean -> clean.clamp(-1, 1)));

        Graph forward = new Graph("forward", own, compute);
        Value z = forward.input("z0", DType.FLOAT32, latent());
        Value start = forward.input("noise", DType.FLOAT32, x);
        float[] rows = DdimSchedule.toData(model.pixelSchedule(), DEFAULT_STEPS);
        Value steps = forward.constant(z, rows, DEFAULT_STEPS, DdimSchedule.COLUMNS);
        forward.output(forward.call(sample, z, start, steps));
        return new Methods(own, List.of(denoise, sample, forward));
    }

    /** Predicts v of {@code x} at {@code logSnr} [B], in step {@code i} of a sampler. */
    private interface Velocity {
        Value apply(Handle i, Value x, Value logSnr);
    }

    /**
     * Builds the sampler whose steps {@link DdimSchedule} describes.
     *
     * @param noise what the first step starts from
     * @param schedule [S, {@value DdimSchedule#COLUMNS}]
     * @param kept what is kept of the predicted data
     * @return what the last step ends with, shape of the noise
     */
    private static Value ddim(Graph sample, Value noise, Value schedule, Velocity velocity, UnaryOperator<Value> kept) {
        return sample.loop(schedule, noise, (i, row, x) -> {
            Value alpha = row.select(0, 1);
            Value sigma = row.select(0, 2);
            Value v = velocity.apply(i, x, row.select(0, 0).forEachSample(noise));
            Value clean = kept.apply(x.mul(alpha).sub(v.mul(sigma)));
            Value epsilon = x.sub(clean.mul(alpha)).div(sigma);
            return clean.mul(row.select(0, 3)).add(epsilon.mul(row.select(0, 4)));
        });
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
