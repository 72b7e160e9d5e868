package io.unifiedlatents.core.schedule;

/**
 * Cosine-shaped schedule, λ(t) = −2 ln tan(a + t (b − a)), stretched so that λ(0) and λ(1) are exactly the given ends
 * (Hoogeboom et al. 2023, simple diffusion).
 *
 * @param maxLogSnr λ(0), the cleanest level
 * @param minLogSnr λ(1), the noisiest level
 * @param shift added to the shape, not to the ends' meaning: the underlying cosine runs from maxLogSnr − shift to
 *     minLogSnr − shift, so a negative shift spends more time at noisy levels
 */
public record CosineSchedule(double maxLogSnr, double minLogSnr, double shift) implements NoiseSchedule {
    /**
     * The schedule for pictures of a size: [−15, 15] as at 64 × 64 pixels, shifted by 2 ln(64 / √(height · width))
     * because larger pictures hide less under the same noise (simple diffusion, Sec. 3.1).
     *
     * @param height in pixels
     * @param width in pixels
     */
    public static CosineSchedule forPixels(double maxLogSnr, double minLogSnr, int height, int width) {
        double shift = 2 * Math.log(64 / Math.sqrt((double) height * width));
        return new CosineSchedule(maxLogSnr + shift, minLogSnr + shift, shift);
    }

    private double begin() {
        return Math.atan(Math.exp(-(maxLogSnr - shift) / 2));
    }

    private double end() {
        return Math.atan(Math.exp(-(minLogSnr - shift) / 2));
    }

    @Override
    public double logSnr(double t) {
        return -2 * Math.log(Math.tan(begin() + t * (end() - begin()))) + shift;
    }

    @Override
    public double derivative(double t) {
        return -4 * (end() - begin()) / Math.sin(2 * (begin() + t * (end() - begin())));
    }
}
