package io.unifiedlatents.core.config;

import static io.unifiedlatents.core.config.Setting.Kind.COURSE;
import static io.unifiedlatents.core.config.Setting.Kind.IDENTITY;
import static io.unifiedlatents.core.config.StageName.BASE;
import static io.unifiedlatents.core.config.StageName.DECODER;
import static io.unifiedlatents.core.config.StageName.LATENTS;

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
        @Setting(COURSE) @Stages(LATENTS) @Within("(0, ∞)") double lossFactor,
        @Setting(COURSE) @Stages({LATENTS, DECODER}) DecoderWeighting decoderWeighting,
        @Setting(COURSE) @Stages({LATENTS, DECODER}) double bias,
        @Setting(COURSE) @Stages(BASE) double baseBias,

        @Setting(IDENTITY) double latentMaxLogSnr,
        @Setting(IDENTITY) double latentMinLogSnr,
        @Setting(IDENTITY) @Stages({LATENTS, DECODER}) double pixelMaxLogSnr,
        @Setting(IDENTITY) @Stages({LATENTS, DECODER}) double pixelMinLogSnr,
        @Setting(COURSE) @Stages(LATENTS) @Within("[0, ∞)") int priorGradientWarmupSteps) {
    /** Checks that levels fall. */
    public ObjectiveConfig {
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
    }
}
