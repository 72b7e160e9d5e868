package io.unifiedlatents.core.config;

/**
 * The numerical form in which networks are computed, and where.
 *
 * @param dtype of matrix products, convolutions and attention
 * @param norm of convolution blocks
 * @param device that computes
 * @param threads CPU threads of one rank; 0 takes all cores of the machine
 */
public record ComputeConfig(
        @Setting(Setting.Kind.IDENTITY) Precision dtype,
        @Setting(Setting.Kind.IDENTITY) NormKind norm,
        @Setting(Setting.Kind.FREE) DeviceKind device,
        @Setting(Setting.Kind.FREE) int threads) {
    /** Checks the ranges. */
    public ComputeConfig {
        Check.setting(threads >= 0, "threads is %d; it must be 0 (all cores) or more", threads);
    }
}
