package io.unifiedlatents.core.config;

import java.util.List;

/**
 * The settings of Sample, which draws pictures from the base model and a decoder.
 *
 * @param name folder of the data set below {@code <runDirectory>/samples}
 * @param images pictures sampled
 * @param step checkpoint of the base model; 0 for the newest
 * @param decoder stage whose decoder is used: {@code latents}, where it is trained with the encoder, or
 *     {@code decoder}, where it is trained on frozen latents
 * @param batch pictures made at once; the last batch is filled up to it, so that a picture does not depend on how many
 *     there are. Another batch may change the last digits
 * @param sampler method of base model and decoder
 * @param baseSteps denoising steps from noise to latent
 * @param decoderSteps denoising steps from noise to pixels
 * @param classes that samples are of, in turn; empty: all that the base model knows
 * @param guidance weight w of classifier-free guidance, v̂ + (w − 1) (v̂ − v̂ of no class); 1: none
 * @param guidanceMinLogSnr lowest log-SNR of the latent at which it guides
 * @param guidanceMaxLogSnr highest log-SNR of the latent at which it guides
 * @param gridImages pictures in the grid beside the data set
 */
public record SampleConfig(
        String name,
        @Within("[1, ∞)") int images,
        @Within("[0, ∞)") long step,
        StageName decoder,
        @Within("[1, ∞)") int batch,
        SamplerKind sampler,
        @Within("[1, ∞)") int baseSteps,
        @Within("[1, ∞)") int decoderSteps,
        List<Integer> classes,
        double guidance,
        double guidanceMinLogSnr,
        double guidanceMaxLogSnr,
        @Within("[0, ∞)") int gridImages) {
    /** Checks that the parts fit. */
    public SampleConfig {
        Check.folder("name", name);
        EvaluateConfig.requireDecoder(decoder);
        Check.setting(
                guidanceMinLogSnr <= guidanceMaxLogSnr,
                "guidanceMinLogSnr=%s must be no higher than guidanceMaxLogSnr=%s",
                guidanceMinLogSnr,
                guidanceMaxLogSnr);
    }

    /**
     * The class of a sample by its number, of a base model that knows {@code classCount} classes: 0 where it knows
     * none.
     */
    public int label(long number, int classCount) {
        if (classCount == 0) {
            return 0;
        }
        return classes.isEmpty() ? (int) (number % classCount) : classes.get((int) (number % classes.size()));
    }

    /**
     * Checks that a base model can be conditioned as this asks.
     *
     * @throws ConfigException where it is not
     */
    void require(BaseConfig base) {
        int classCount = base.condition().classCount();
        Check.setting(
                classCount > 0 || (classes.isEmpty() && guidance == 1),
                "sample.classes=%s and sample.guidance=%s need a class-conditional base model; set base.condition.kind to"
                        + " class, or leave both as they are by default",
                classes,
                guidance);
        for (int label : classes) {
            Check.setting(
                    label >= 0 && label < classCount,
                    "sample.classes=%s: the base model knows classes 0 to %d",
                    classes,
                    classCount - 1);
        }
    }
}
