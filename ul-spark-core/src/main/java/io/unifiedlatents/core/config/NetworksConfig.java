package io.unifiedlatents.core.config;

/**
 * Everything that fixes the networks' shapes.
 *
 * @param sample shape of the samples that encoder and decoder work on
 * @param encoder sizes of the encoder
 * @param prior sizes of the prior
 * @param decoder sizes of the decoder
 * @param base sizes of the base model
 */
public record NetworksConfig(
        SampleShape sample, EncoderConfig encoder, PriorConfig prior, DecoderConfig decoder, BaseConfig base) {
    /** Checks that the networks meet on one latent grid. */
    public NetworksConfig {
        Check.setting(
                encoder.downsampling() == decoder.downsampling(),
                "the encoder reduces pixels %d times and the decoder's middle %d times; choose patch and channels so"
                        + " that both are equal",
                encoder.downsampling(),
                decoder.downsampling());
        Check.setting(
                sample.height() % encoder.downsampling() == 0 && sample.width() % encoder.downsampling() == 0,
                "model.height=%d and model.width=%d must be multiples of the encoder's reduction %d",
                sample.height(),
                sample.width(),
                encoder.downsampling());
    }

    /** Shape of the latent of one sample. */
    public SampleShape latent() {
        return new SampleShape(
                sample.frames(),
                sample.height() / encoder.downsampling(),
                sample.width() / encoder.downsampling(),
                encoder.latentChannels());
    }
}
