package io.unifiedlatents.core.config;

/**
 * The objectives of all stages (Unified Latents, Sec. 3); {@code lossFactor} is of stage 1 alone.
 *
 * @param lossFactor c_lf, how much more than its ELBO the decoder loss counts; 1.3 to 1.7 in most of the paper
 * @param bias b of the decoder's sigmoid weighting, nats: levels with log-SNR above b are left to the decoder
 * @param baseBias b of the base model's sigmoid weighting, nats: a lower one spends less on fine detail of the latent
 * @param latentMaxLogSnr λ_z(0), the fixed noise of the latent; 5 in the paper
 * @param latentMinLogSnr λ_z(1)
 * @param pixelMaxLogSnr λ_x(0) at 64 pixels; shifted by 2 ln(64 / resolution)
 * @param pixelMinLogSnr λ_x(1) at 64 pixels; shifted likewise
 * @param priorGradientWarmupSteps steps over which the prior loss's gradient into the encoder grows from 0 to 1 (the
 *     prior itself learns at full rate): an untrained prior charges ~3.6 bits a dimension and would empty the latent
 */
public record ObjectiveConfig(
        double lossFactor,
        double bias,
        double baseBias,
        double latentMaxLogSnr,
        double latentMinLogSnr,
        double pixelMaxLogSnr,
        double pixelMinLogSnr,
        int priorGradientWarmupSteps) {
    /** Checks the ranges. */
    public ObjectiveConfig {
        Check.setting(lossFactor > 0, "objective.lossFactor is %s; it must be positive", lossFactor);
        Check.setting(
                latentMinLogSnr < latentMaxLogSnr,
                "objective.latentMinLogSnr=%s must be below latentMaxLogSnr=%s",
                latentMinLogSnr,
                latentMaxLogSnr);
        Check.setting(
                pixelMinLogSnr < pixelMaxLogSnr,
                "objective.pixelMinLogSnr=%s must be below pixelMaxLogSnr=%s",
                pixelMinLogSnr,
                pixelMaxLogSnr);
        Check.setting(
                priorGradientWarmupSteps >= 0,
                "objective.priorGradientWarmupSteps is %d; it must be 0 (off) or more",
                priorGradientWarmupSteps);
    }
}
