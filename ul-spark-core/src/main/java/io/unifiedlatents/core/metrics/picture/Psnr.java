package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.config.Check;

/** Peak signal-to-noise ratio of 8-bit pictures. */
public final class Psnr {
    private static final double PEAK = 255;

    private Psnr() {}

    /** 10 log₁₀(255² / mean squared error), decibels; infinite for equal pictures. */
    public static double decibels(double meanSquaredError) {
        Check.argument(meanSquaredError >= 0, "a mean squared error of %s is not possible", meanSquaredError);
        return 10 * Math.log10(PEAK * PEAK / meanSquaredError);
    }

    /** Mean over bytes of the squared difference of two pictures of equal size. */
    public static double meanSquaredError(byte[] a, byte[] b) {
        Check.argument(a.length == b.length, "pictures of %d and %d bytes cannot be compared", a.length, b.length);
        long sum = 0;
        for (int i = 0; i < a.length; i++) {
            int difference = (a[i] & 0xff) - (b[i] & 0xff);
            sum += (long) difference * difference;
        }
        return (double) sum / a.length;
    }
}
