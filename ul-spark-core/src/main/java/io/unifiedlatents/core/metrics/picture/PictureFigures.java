package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.data.Rgb;
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
 * @param baseBitsPerPixel of the base model's; NaN where it is not measured
 */
public record PictureFigures(
        String id,
        double meanSquaredError,
        double psnr,
        double ssim,
        double msSsim,
        double lpips,
        double bitsPerPixel,
        double baseBitsPerPixel)
        implements Serializable {
    /** Compares two pictures of one size. */
    public static PictureFigures of(
            String id, Rgb original, Rgb reconstruction, double lpips, double bitsPerPixel, double baseBitsPerPixel) {
        int width = original.width();
        int height = original.height();
        int side = Math.min(width, height);
        byte[] a = original.pixels();
        byte[] b = reconstruction.pixels();
        double error = Psnr.meanSquaredError(a, b);
        return new PictureFigures(
                id,
                error,
                Psnr.decibels(error),
                side < Ssim.LEAST_SIDE ? Double.NaN : Ssim.of(a, b, width, height),
                side < Ssim.LEAST_MULTI_SCALE_SIDE ? Double.NaN : Ssim.multiScale(a, b, width, height),
                lpips,
                bitsPerPixel,
                baseBitsPerPixel);
    }
}
