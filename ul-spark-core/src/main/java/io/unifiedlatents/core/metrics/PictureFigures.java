package io.unifiedlatents.core.metrics;

import java.io.Serializable;

/**
 * Figures of one reconstruction against its original, both of 8 bits.
 *
 * @param id of the picture
 * @param meanSquaredError over all bytes, range 255
 * @param psnr decibels; infinite where equal
 * @param ssim structural similarity; NaN for pictures too small for it
 * @param msSsim over several scales; NaN for pictures too small for it
 * @param lpips perceptual distance; NaN where it is not measured
 * @param bitsPerPixel Monte Carlo estimate of the prior's bound
 */
public record PictureFigures(
        String id, double meanSquaredError, double psnr, double ssim, double msSsim, double lpips, double bitsPerPixel)
        implements Serializable {
    /** Compares two pictures of a side. */
    public static PictureFigures of(
            String id, byte[] original, byte[] reconstruction, int side, double lpips, double bitsPerPixel) {
        double error = Psnr.meanSquaredError(original, reconstruction);
        return new PictureFigures(
                id,
                error,
                Psnr.decibels(error),
                side < Ssim.LEAST_SIDE ? Double.NaN : Ssim.of(original, reconstruction, side, side),
                side < Ssim.LEAST_MULTI_SCALE_SIDE ? Double.NaN : Ssim.multiScale(original, reconstruction, side, side),
                lpips,
                bitsPerPixel);
    }
}
