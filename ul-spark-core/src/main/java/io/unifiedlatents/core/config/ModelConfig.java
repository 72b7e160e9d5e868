package io.unifiedlatents.core.config;

/**
 * Everything that fixes the networks' shapes.
 *
 * @param resolution pixels along a side
 * @param encoder sizes of the encoder
 * @param prior sizes of the prior
 * @param decoder sizes of the decoder
 * @param base sizes of the base model
 */
public record ModelConfig(
        int resolution, EncoderConfig encoder, PriorConfig prior, DecoderConfig decoder, BaseConfig base) {
    /** Checks that the networks meet on one latent grid. */
    public ModelConfig {
        Check.setting(
                encoder.downsampling() == decoder.downsampling(),
                "the encoder reduces pixels %d times and the decoder's middle %d times; choose patch and channels so"
                        + " that both are equal",
                encoder.downsampling(),
                decoder.downsampling());
        Check.setting(
                resolution % encoder.downsampling() == 0 && resolution > 0,
                "resolution %d must be a multiple of the encoder's reduction %d",
                resolution,
                encoder.downsampling());
    }

    /** Positions along a side of the latent. */
    public int latentSide() {
        return resolution / encoder.downsampling();
    }

    /** Shape of latents of any number of samples, [-1, C, h, w]. */
    public long[] latentBatchShape() {
        return new long[] {-1, encoder.latentChannels(), latentSide(), latentSide()};
    }
}
