package io.unifiedlatents.core.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.SampleConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.model.UnifiedLatents;
import java.util.Arrays;
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
        this.schedule = DdimSchedule.toNoise(model.latentSchedule(), config.baseSteps());
        this.networks = networks;
        this.decoder = new PixelDecoder(model, networks, seed, config.decoderSteps());
    }

    /** The name of a sample by its number. */
    public static String id(long number) {
        return String.format("sample-%09d", number);
    }

    /** The class of a sample by its number; 0 where the base model is told none. */
    public static int label(long number, SampleConfig config, int classes) {
        if (classes == 0) {
            return 0;
        }
        return config.classes().isEmpty()
                ? (int) (number % classes)
                : config.classes().get((int) (number % config.classes().size()));
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
        int classes = model.config().base().condition().classCount();
        NDArray steps = DdimSchedule.array(call, schedule);
        NDArray[] inputs = classes == 0
                ? new NDArray[] {start, steps}
                : new NDArray[] {
                    start,
                    steps,
                    call.create(LongStream.of(numbers)
                            .map(number -> label(number, config, classes))
                            .toArray()),
                    call.create(guidance())
                };
        return networks.get(Exports.BASE).call("sample", call, inputs).singletonOrThrow();
    }

    /** The weight of guidance in each step. */
    private float[] guidance() {
        float[] weights = new float[config.baseSteps()];
        Arrays.fill(weights, 1);
        for (int step = 0; step < weights.length; step++) {
            double logSnr = schedule[step * DdimSchedule.COLUMNS];
            if (logSnr >= config.guidanceMinLogSnr() && logSnr <= config.guidanceMaxLogSnr()) {
                weights[step] = (float) config.guidance();
            }
        }
        return weights;
    }
}
