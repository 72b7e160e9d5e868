package io.unifiedlatents.core.config;

/**
 * How the networks are computed.
 *
 * @param dtype of matrix products, convolutions and attention: {@code fp32} or {@code bf16}
 * @param norm of convolution blocks: {@code layer} (over channels; fastest on CPUs), {@code group} (32 groups or
 *     fewer), {@code rms} (over channels)
 * @param device {@code auto} (the GPU Spark gave the task, else CPU), {@code cpu} or {@code gpu}
 * @param threads CPU threads of one rank; 0 takes all cores of the machine
 */
public record ComputeConfig(String dtype, String norm, String device, int threads) {
    /** Checks the names. */
    public ComputeConfig {
        oneOf("compute.dtype", dtype, "fp32", "bf16");
        oneOf("compute.norm", norm, "layer", "group", "rms");
        oneOf("compute.device", device, "auto", "cpu", "gpu");
        Check.setting(threads >= 0, "compute.threads is %d; it must be 0 (all cores) or more", threads);
    }

    private static void oneOf(String key, String value, String... allowed) {
        Check.setting(
                java.util.List.of(allowed).contains(value),
                "%s is '%s'; it must be one of %s",
                key,
                value,
                String.join(", ", allowed));
    }
}
