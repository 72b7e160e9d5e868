package io.unifiedlatents.core.config;

/**
 * The objectives of all stages (Unified Latents, Sec. 3); {@code lossFactor} is of stage 1 alone.
 *
 * @param lossFactor c_lf, how much more than its ELBO the decoder loss counts; 1.3 to 1.7 in most of the paper
 * @param decoderWeighting of noise levels in the decoder loss
 * @param bias b of the decoder's sigmoid weighting, nats: levels with log-SNR above b are left to the decoder
 * @param baseBias b of the base model's sigmoid weighting, nats: a lower one spends less on fine detail of the latent
 * @param latentMaxLogSnr λ_z(0), the fixed noise of the latent; 5 in the paper
 * @param latentMinLogSnr λ_z(1)
 * @param pixelMaxLogSnr λ_x(0) at 64 × 64 pixels; shifted by 2 ln(64 / √(height · width))
 * @param pixelMinLogSnr λ_x(1) at 64 pixels; shifted likewise
 * @param priorGradientWarmupSteps steps over which the prior loss's gradient into the encoder grows from 0 to 1 (the
 *     prior itself learns at full rate): an untrained prior charges ~3.6 bits a dimension and would empty the latent
 */
public record ObjectiveConfig(
        @Setting(value = Setting.Kind.COURSE, stages = StageName.LATENTS)
        double lossFactor,

        @Setting(
                value = Setting.Kind.COURSE,
                stages = {StageName.LATENTS, StageName.DECODER})
        DecoderWeighting decoderWeighting,

        @Setting(
                value = Setting.Kind.COURSE,
                stages = {StageName.LATENTS, StageName.DECODER})
        double bias,

        @Setting(value = Setting.Kind.COURSE, stages = StageName.BASE)
        double baseBias,

        @Setting(Setting.Kind.IDENTITY) double latentMaxLogSnr,
        @Setting(Setting.Kind.IDENTITY) double latentMinLogSnr,

        @Setting(
                value = Setting.Kind.IDENTITY,
                stages = {StageName.LATENTS, StageName.DECODER})
        double pixelMaxLogSnr,

        @Setting(
                value = Setting.Kind.IDENTITY,
                stages = {StageName.LATENTS, StageName.DECODER})
        double pixelMinLogSnr,

        @Setting(value = Setting.Kind.COURSE, stages = StageName.LATENTS)
        int priorGradientWarmupSteps) {
    /** Checks the ranges. */
    public ObjectiveConfig {
        Check.setting(lossFactor > 0, "lossFactor is %s; it must be positive", lossFactor);
        Check.setting(
                latentMinLogSnr < latentMaxLogSnr,
                "latentMinLogSnr=%s must be below latentMaxLogSnr=%s",
                latentMinLogSnr,
                latentMaxLogSnr);
        Check.setting(
                pixelMinLogSnr < pixelMaxLogSnr,
                "pixelMinLogSnr=%s must be below pixelMaxLogSnr=%s",
                pixelMinLogSnr,
                pixelMaxLogSnr);
        Check.setting(
                priorGradientWarmupSteps >= 0,
                "priorGradientWarmupSteps is %d; it must be 0 (off) or more",
                priorGradientWarmupSteps);
    }
}
