package io.unifiedlatents.core.config;

/**
 * What Sample makes: pictures of the base model and a decoder.
 *
 * @param name folder of the data set below {@code <runDirectory>/samples}
 * @param images pictures sampled
 * @param step checkpoint of the base model; 0 for the newest
 * @param decoder {@code stage1}, the decoder trained with the encoder, or {@code stage2}, the one trained on frozen
 *     latents
 * @param batch pictures made at once; the last batch is filled up to it, so that a picture does not depend on how many
 *     there are. Another batch may change the last digits
 * @param baseSteps denoising steps from noise to latent
 * @param decoderSteps denoising steps from noise to pixels
 * @param gridImages pictures in the grid beside the data set
 */
public record SampleConfig(
        String name,
        int images,
        long step,
        String decoder,
        int batch,
        int baseSteps,
        int decoderSteps,
        int gridImages) {
    /** Checks the ranges. */
    public SampleConfig {
        Check.folder("sample.name", name);
        EvaluateConfig.requireDecoder("sample.decoder", decoder);
        Check.setting(
                step >= 0 && images >= 1 && batch >= 1 && baseSteps >= 1 && decoderSteps >= 1 && gridImages >= 0,
                "sample: step=%d and gridImages=%d must be 0 or more; images=%d, batch=%d, baseSteps=%d and"
                        + " decoderSteps=%d at least 1",
                step,
                gridImages,
                images,
                batch,
                baseSteps,
                decoderSteps);
    }
}
