package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.config.Check;

/**
 * Structural similarity of 8-bit RGB pictures (Wang et al. 2004) and its form over several scales (Wang et al. 2003):
 * 11 x 11 Gaussian window of deviation 1.5, only where it lies inside the picture, K₁ = 0.01, K₂ = 0.03, range 255;
 * each channel by itself, then their mean. 1 for equal pictures.
 */
public final class Ssim {
    private static final int WINDOW = 11;
    private static final double DEVIATION = 1.5;
    private static final double C1 = Math.pow(0.01 * 255, 2);
    private static final double C2 = Math.pow(0.03 * 255, 2);
    private static final int CHANNELS = 3;

    /** Exponent of each scale, finest first (Wang et al. 2003, Sec. 3.2). */
    private static final double[] SCALES = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

    /** Pixels that each side of a picture has at least. */
    public static final int LEAST_SIDE = WINDOW;

    /** Pixels that each side has at least for the fifth scale to hold the window. */
    public static final int LEAST_MULTI_SCALE_SIDE = ((WINDOW - 1) << (SCALES.length - 1)) + 1;

    private Ssim() {}

    /**
     * Mean similarity of two pictures, uint8 RGB row by row.
     *
     * @throws io.unifiedlatents.core.config.ConfigException for sides under {@value #WINDOW}
     */
    public static double of(byte[] a, byte[] b, int width, int height) {
        require(a, b, width, height, LEAST_SIDE);
        double sum = 0;
        for (int c = 0; c < CHANNELS; c++) {
            sum += Plane.of(a, c, width, height).compare(Plane.of(b, c, width, height)).similarity;
        }
        return sum / CHANNELS;
    }

    /**
     * Product over five scales, each half the one before, of contrast and structure, and of luminance at the coarsest.
     * A scale whose mean is negative counts as 0.
     *
     * @throws io.unifiedlatents.core.config.ConfigException for sides under 161, whose fifth scale is smaller than the
     *     window
     */
    public static double multiScale(byte[] a, byte[] b, int width, int height) {
        int halvings = SCALES.length - 1;
        require(a, b, width, height, LEAST_MULTI_SCALE_SIDE);
        double sum = 0;
        for (int c = 0; c < CHANNELS; c++) {
            Plane x = Plane.of(a, c, width, height);
            Plane y = Plane.of(b, c, width, height);
            double product = 1;
            for (int scale = 0; scale < halvings; scale++) {
                product *= Math.pow(Math.max(x.compare(y).contrastStructure, 0), SCALES[scale]);
                x = x.halved();
                y = y.halved();
            }
            sum += product * Math.pow(Math.max(x.compare(y).similarity, 0), SCALES[halvings]);
        }
        return sum / CHANNELS;
    }

    private static void require(byte[] a, byte[] b, int width, int height, int side) {
        Check.argument(
                a.length == b.length && a.length == (long) width * height * CHANNELS,
                "pictures of %d and %d bytes are not two of %d x %d in RGB",
                a.length,
                b.length,
                width,
                height);
        Check.setting(
                Math.min(width, height) >= side,
                "pictures of %d x %d are too small for this similarity; their sides must be %d or more",
                width,
                height,
                side);
    }

    /** Means over all places of the window. */
    private record Similarity(double similarity, double contrastStructure) {}

    /** One channel. */
    private record Plane(double[] values, int width, int height) {
        static Plane of(byte[] rgb, int channel, int width, int height) {
            double[] values = new double[width * height];
            for (int i = 0; i < values.length; i++) {
                values[i] = rgb[i * CHANNELS + channel] & 0xff;
            }
            return new Plane(values, width, height);
        }

        /** Mean of 2 x 2 values; an odd last row or column counts twice. */
        Plane halved() {
            Plane half =
                    new Plane(new double[((width + 1) / 2) * ((height + 1) / 2)], (width + 1) / 2, (height + 1) / 2);
            for (int y = 0; y < half.height; y++) {
                int top = 2 * y * width;
                int bottom = Math.min(2 * y + 1, height - 1) * width;
                for (int x = 0; x < half.width; x++) {
                    int left = 2 * x;
                    int right = Math.min(left + 1, width - 1);
                    half.values[y * half.width + x] = (values[top + left]
                                    + values[top + right]
                                    + values[bottom + left]
                                    + values[bottom + right])
                            / 4;
                }
            }
            return half;
        }

        Plane times(Plane other) {
            double[] products = new double[values.length];
            for (int i = 0; i < products.length; i++) {
                products[i] = values[i] * other.values[i];
            }
            return new Plane(products, width, height);
        }

        /** Eq. 13 at each place of the window, in its two factors. */
        Similarity compare(Plane other) {
            double[] meanX = smoothed();
            double[] meanY = other.smoothed();
            double[] xx = times(this).smoothed();
            double[] yy = other.times(other).smoothed();
            double[] xy = times(other).smoothed();
            double similarity = 0;
            double contrastStructure = 0;
            for (int i = 0; i < xy.length; i++) {
                double varianceX = xx[i] - meanX[i] * meanX[i];
                double varianceY = yy[i] - meanY[i] * meanY[i];
                double covariance = xy[i] - meanX[i] * meanY[i];
                double luminance = (2 * meanX[i] * meanY[i] + C1) / (meanX[i] * meanX[i] + meanY[i] * meanY[i] + C1);
                double structure = (2 * covariance + C2) / (varianceX + varianceY + C2);
                similarity += luminance * structure;
                contrastStructure += structure;
            }
            return new Similarity(similarity / xy.length, contrastStructure / xy.length);
        }

        /** Weighted by the window, along rows and then columns; smaller by the window less one. */
        private double[] smoothed() {
            double[] weights = gaussian();
            int w = width - WINDOW + 1;
            int h = height - WINDOW + 1;
            double[] rows = new double[w * height];
            for (int y = 0; y < height; y++) {
                for (int t = 0; t < WINDOW; t++) {
                    for (int x = 0; x < w; x++) {
                        rows[y * w + x] += weights[t] * values[y * width + x + t];
                    }
                }
            }
            double[] means = new double[w * h];
            for (int y = 0; y < h; y++) {
                for (int t = 0; t < WINDOW; t++) {
                    for (int x = 0; x < w; x++) {
                        means[y * w + x] += weights[t] * rows[(y + t) * w + x];
                    }
                }
            }
            return means;
        }

        private static double[] gaussian() {
            double[] weights = new double[WINDOW];
            double sum = 0;
            for (int t = 0; t < WINDOW; t++) {
                double distance = t - WINDOW / 2;
                weights[t] = Math.exp(-distance * distance / (2 * DEVIATION * DEVIATION));
                sum += weights[t];
            }
            for (int t = 0; t < WINDOW; t++) {
                weights[t] /= sum;
            }
            return weights;
        }
    }
}
