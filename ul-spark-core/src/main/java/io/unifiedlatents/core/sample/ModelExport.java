package io.unifiedlatents.core.sample;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.config.SamplerKind;
import io.unifiedlatents.core.loss.Diffusion;
import io.unifiedlatents.core.loss.DiffusionPrior;
import io.unifiedlatents.core.loss.Draws;
import io.unifiedlatents.core.loss.LatentPrior;
import io.unifiedlatents.core.model.Condition;
import io.unifiedlatents.core.model.LatentDenoiser;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.nn.Layers;
import io.unifiedlatents.core.schedule.DiffusionSampler;
import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Value;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Trained networks as TorchScript files for Python, C++ and DJL. The batch extent is free; everything else is fixed by
 * the config. The same weights give the same bytes, so a file's SHA-256 identifies the model.
 *
 * <table>
 *   <caption>Methods; all tensors float32 unless said otherwise, pixels in [−1, 1]</caption>
 *   <tr><td>{@code encoder.pt}</td><td>{@code forward(pixels [B, 3, H, W]) → z [B, C, h, w]};
 *     {@code encode(bytes uint8 [B, H, W, 3]) → z}</td></tr>
 *   <tr><td>{@code prior.pt}</td><td>{@code forward(z_t [B, C, h, w], logSnr [B]) → v};
 *     {@code nats(z, noise, coefficients [B, 4]) → [B]}, the prior loss at the given noise levels</td></tr>
 *   <tr><td>{@code base.pt}</td><td>{@code forward} and {@code nats} as {@code prior.pt};
 *     {@code sample(noise [B, C, h, w], schedule [S, 6]) → z0} in the steps of a {@link DiffusionSampler}, with the
 *     noise of the last level still in it. A conditional model takes the values of its conditions last, such as
 *     {@code labels} int64 [B], where the number of classes means none, and {@code sample} takes {@code guidance} [S]
 *     behind them: w of v̂_none + w (v̂ − v̂_none) in each step</td></tr>
 *   <tr><td>{@code decoder.pt}</td><td>{@code forward(z0 [B, C, h, w], noise [B, 3, H, W]) → pixels}, DDIM with
 *     {@value #DEFAULT_STEPS} steps; {@code sample(z0, noise, schedule [S, 6])} with other samplers and steps;
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
        encode.output(model.encoder().apply(encode.scope("encoder"), Layers.pixels(bytes)));
        return new Methods(own, List.of(forward, encode));
    }

    private Methods prior() {
        ParameterLayout own = new ParameterLayout();
        Graph forward = latentForward("prior", List.of(), inputs -> model.prior(), own);
        Graph nats = latentNats("prior", List.of(), inputs -> model.prior(), own);
        return new Methods(own, List.of(forward, nats));
    }

    private Methods base() {
        List<Condition> conditions = model.base().conditions();
        ParameterLayout own = new ParameterLayout();
        Graph forward = latentForward("base", conditions, model.base()::of, own);
        Graph nats = latentNats("base", conditions, model.base()::of, own);
        Graph sample = new Graph("sample", own, compute);
        Value noise = sample.input("noise", DType.FLOAT32, latent());
        Value rows = sample.input("schedule", DType.FLOAT32, -1, DiffusionSampler.COLUMNS);
        List<Value> given = inputs(sample, conditions);
        SamplingLoop.Velocity plain = (i, x, logSnr) -> predict(sample, forward, x, logSnr, given);
        SamplingLoop.Velocity velocity = conditions.isEmpty() ? plain : guided(sample, forward, given, plain);
        sample.output(SamplingLoop.write(sample, noise, rows, velocity, predicted -> predicted));
        return new Methods(own, List.of(forward, nats, sample));
    }

    /** The prediction with conditions, guided by weights that are one more input of the method. */
    private SamplingLoop.Velocity guided(Graph sample, Graph forward, List<Value> given, SamplingLoop.Velocity plain) {
        Value weights = sample.input("guidance", DType.FLOAT32, -1);
        List<Value> none = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            none.add(model.base().conditions().get(i).none(given.get(i)));
        }
        return (i, x, logSnr) -> Guidance.guided(
                sample,
                plain.apply(i, x, logSnr),
                () -> predict(sample, forward, x, logSnr, none),
                weights.select(0, i));
    }

    private static Value predict(Graph graph, Graph forward, Value x, Value logSnr, List<Value> conditions) {
        List<Value> arguments = new ArrayList<>(List.of(x, logSnr));
        arguments.addAll(conditions);
        return graph.call(forward, arguments.toArray(new Value[0]));
    }

    /** Inputs for conditions, in their order. */
    private static List<Value> inputs(Graph graph, List<Condition> conditions) {
        List<Value> inputs = new ArrayList<>();
        for (Condition condition : conditions) {
            long[] batch = LongStream.concat(LongStream.of(-1), LongStream.of(condition.shape()))
                    .toArray();
            inputs.add(graph.input(condition.name(), condition.dtype(), batch));
        }
        return inputs;
    }

    private Graph latentForward(
            String part,
            List<Condition> conditions,
            Function<List<Value>, LatentDenoiser> network,
            ParameterLayout own) {
        Graph forward = new Graph("forward", own, compute);
        Value noisy = forward.input("noisy", DType.FLOAT32, latent());
        Value logSnr = forward.input("logSnr", DType.FLOAT32, -1);
        forward.output(network.apply(inputs(forward, conditions)).apply(forward.scope(part), noisy, logSnr));
        return forward;
    }

    private Graph latentNats(
            String part,
            List<Condition> conditions,
            Function<List<Value>, LatentDenoiser> network,
            ParameterLayout own) {
        Graph nats = new Graph("nats", own, compute);
        Value z = nats.input("z", DType.FLOAT32, latent());
        Value noise = nats.input("noise", DType.FLOAT32, latent());
        Value coefficients = nats.input("coefficients", DType.FLOAT32, -1, Diffusion.COLUMNS);
        LatentPrior prior = new DiffusionPrior(network.apply(inputs(nats, conditions)), model.latentSchedule());
        nats.output(prior.nats(nats.scope(part), z, new GivenDraws(noise, Diffusion.columns(coefficients))));
        return nats;
    }

    /** Draws that are inputs of the method. */
    private record GivenDraws(Value noise, Diffusion level) implements Draws {
        @Override
        public Value normalLike(Value x) {
            return noise;
        }

        @Override
        public Diffusion level(NoiseSchedule schedule, Weighting weighting, String purpose) {
            return level;
        }
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
        Value rows = sample.input("schedule", DType.FLOAT32, -1, DiffusionSampler.COLUMNS);
        SamplingLoop.Velocity velocity = (i, noised, logSnr) -> sample.call(denoise, noised, latent, logSnr);
        sample.output(SamplingLoop.write(sample, noise, rows, velocity, predicted -> predicted.clamp(-1, 1)));
        return new Methods(own, List.of(denoise, sample, decoderForward(sample, x, own)));
    }

    /** The method that other programs call: from latent and noise to pixels in a fixed number of DDIM steps. */
    private Graph decoderForward(Graph sample, long[] x, ParameterLayout own) {
        Graph forward = new Graph("forward", own, compute);
        Value z = forward.input("z0", DType.FLOAT32, latent());
        Value start = forward.input("noise", DType.FLOAT32, x);
        float[] rows = SamplerKind.DDIM.sampler().rows(model.pixelSchedule(), DEFAULT_STEPS, DiffusionSampler.End.DATA);
        forward.output(
                forward.call(sample, z, start, forward.constant(z, rows, DEFAULT_STEPS, DiffusionSampler.COLUMNS)));
        return forward;
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
