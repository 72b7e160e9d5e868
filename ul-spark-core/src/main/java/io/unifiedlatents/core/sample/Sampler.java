package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.model.Condition;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.schedule.DiffusionSampler;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Pictures out of noise: the base model takes N(0, I) to a latent with its fixed noise still in it, the decoder takes
 * that to pixels (Unified Latents, Algorithm 2). A sample is a function of networks, settings and its number.
 */
public final class Sampler {
    private final UnifiedLatents model;
    private final IdNoise noise;
    private final SampleConfig config;
    private final float[] schedule;
    private final LoadedNetworks networks;
    private final PixelDecoder decoder;

    /** Takes base model and decoder of some networks. */
    public Sampler(UnifiedLatents model, LoadedNetworks networks, long seed, SampleConfig config) {
        this.model = model;
        this.noise = new IdNoise(seed);
        this.config = config;
        this.schedule =
                config.sampler().sampler().rows(model.latentSchedule(), config.baseSteps(), DiffusionSampler.End.NOISE);
        this.networks = networks;
        this.decoder = new PixelDecoder(model, networks, seed, config.sampler(), config.decoderSteps());
    }

    /** The name of a sample by its number. */
    public static String id(long number) {
        return String.format("sample-%09d", number);
    }

    /**
     * Samples a batch.
     *
     * @param numbers of the samples
     * @return pictures, uint8 RGB row by row
     */
    public byte[][] sample(long[] numbers) {
        String[] ids = LongStream.of(numbers).mapToObj(Sampler::id).toArray(String[]::new);
        SampleShape latent = model.config().latent();
        try (NDManager call = networks.newManager()) {
            NDArray start = noise.normal(call, "noise of the latent", ids, new Shape(latent.networkBatch(ids.length)));
            return decoder.decode(call, ids, latents(call, numbers, start));
        }
    }

    private NDArray latents(NDManager call, long[] numbers, NDArray start) {
        List<NDArray> inputs = new ArrayList<>();
        inputs.add(start);
        inputs.add(
                call.create(schedule, new Shape(schedule.length / DiffusionSampler.COLUMNS, DiffusionSampler.COLUMNS)));
        List<Condition> conditions = model.base().conditions();
        conditions.forEach(
                condition -> inputs.add(condition.sampled(numbers, config).on(call)));
        if (!conditions.isEmpty()) {
            inputs.add(call.create(Guidance.weights(config, schedule)));
        }
        return networks.get(Exports.BASE)
                .call("sample", call, inputs.toArray(new NDArray[0]))
                .singletonOrThrow();
    }
}
