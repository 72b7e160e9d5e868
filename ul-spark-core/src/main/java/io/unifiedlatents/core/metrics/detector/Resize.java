package io.unifiedlatents.core.metrics.detector;

import io.unifiedlatents.core.config.DetectorConfig;
import io.unifiedlatents.core.data.Rgb;
import org.jspecify.annotations.Nullable;

/**
 * Brings pictures to the size of a detector, as one of the programs does whose figures are published. In plain Java,
 * with every operation rounded by itself, so that all machines get the same bits.
 *
 * @param filter how pixels are interpolated
 * @param rounded whether the result is clipped to 0 to 255 and rounded to whole numbers, halves to even
 * @param side pixels along a side of the result
 */
public record Resize(Filter filter, boolean rounded, int side) {
    /** The interpolation of pixels. */
    public enum Filter {
        /** TensorFlow 1's resize_bilinear: pixel i lies at i · in / out; as torch-fidelity does it. */
        TF1_BILINEAR,
        /**
         * Pillow's BICUBIC of each channel in mode F: support scaled with the reduction, sums in double, float32 after
         * each pass; as clean-fid does it. Overshoots 0 to 255 at sharp edges.
         */
        PILLOW_BICUBIC,
        /**
         * PyTorch's interpolate, bilinear: pixel centres at halves, no antialiasing; as pytorch-fid does it. To the bit
         * that of PyTorch 1.13 on x86 with AVX2; others may round otherwise.
         */
        TORCH_BILINEAR
    }

    private static final double A = -0.5; // of Keys' cubic convolution

    /** The chain that the settings name, or null for {@code none}. */
    public static @Nullable Resize of(DetectorConfig config) {
        String name = config.resize();
        if (name.equals("none")) {
            return null;
        }
        boolean rounded = name.endsWith("-uint8");
        String filter = rounded ? name.substring(0, name.lastIndexOf('-')) : name;
        return new Resize(
                Filter.valueOf(filter.replace('-', '_').toUpperCase(java.util.Locale.ROOT)), rounded, config.side());
    }

    /**
     * Resizes a picture, whatever its proportions.
     *
     * @return planes of red, green and blue, {@code side} rows of {@code side} values of 0 to 255 each
     */
    public float[] planes(Rgb picture) {
        float[] planes = new float[3 * side * side];
        float[] plane = new float[picture.width() * picture.height()];
        for (int channel = 0; channel < 3; channel++) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] = picture.pixels()[3 * i + channel] & 0xFF;
            }
            float[] resized = switch (filter) {
                case TF1_BILINEAR -> tf1(plane, picture.width(), picture.height());
                case PILLOW_BICUBIC -> pillow(plane, picture.width(), picture.height());
                case TORCH_BILINEAR -> torch(plane, picture.width(), picture.height());
            };
            System.arraycopy(resized, 0, planes, channel * side * side, resized.length);
        }
        if (rounded) {
            for (int i = 0; i < planes.length; i++) {
                planes[i] = (float) Math.rint(Math.min(Math.max(planes[i], 0), 255));
            }
        }
        return planes;
    }

    private float[] tf1(float[] plane, int width, int height) {
        float[] out = new float[side * side];
        float across = (float) width / side;
        float down = (float) height / side;
        for (int y = 0; y < side; y++) {
            float row = y * down;
            int top = (int) row;
            int above = top * width;
            int below = Math.min(top + 1, height - 1) * width;
            for (int x = 0; x < side; x++) {
                float column = x * across;
                int left = (int) column;
                int right = Math.min(left + 1, width - 1);
                float dx = column - left;
                float upper = plane[above + left] + (plane[above + right] - plane[above + left]) * dx;
                float lower = plane[below + left] + (plane[below + right] - plane[below + left]) * dx;
                out[y * side + x] = upper + (lower - upper) * (row - top);
            }
        }
        return out;
    }

    /** Scale in float, places in double, and a multiplication and addition rounded once, as PyTorch has it on x86. */
    private float[] torch(float[] plane, int width, int height) {
        float[] out = new float[side * side];
        float across = (float) width / side;
        float down = (float) height / side;
        for (int y = 0; y < side; y++) {
            double row = Math.max(down * (y + 0.5) - 0.5, 0);
            int top = Math.min((int) row, height - 1);
            int above = top * width;
            int below = Math.min(top + 1, height - 1) * width;
            float dy = (float) (row - top);
            for (int x = 0; x < side; x++) {
                double column = Math.max(across * (x + 0.5) - 0.5, 0);
                int left = Math.min((int) column, width - 1);
                int right = Math.min(left + 1, width - 1);
                float dx = (float) (column - left);
                float upper = Math.fma(plane[above + left], 1 - dx, plane[above + right] * dx);
                float lower = Math.fma(plane[below + left], 1 - dx, plane[below + right] * dx);
                out[y * side + x] = Math.fma(upper, 1 - dy, lower * dy);
            }
        }
        return out;
    }

    /** First across, then down; an axis that has its length already is left out. */
    private float[] pillow(float[] plane, int width, int height) {
        float[] across = plane;
        if (width != side) {
            Taps[] taps = taps(width);
            across = new float[height * side];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < side; x++) {
                    across[y * side + x] = taps[x].sum(plane, y * width, 1);
                }
            }
        }
        if (height == side) {
            return across;
        }
        Taps[] taps = taps(height);
        float[] out = new float[side * side];
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                out[y * side + x] = taps[y].sum(across, x, side);
            }
        }
        return out;
    }

    /**
     * Input pixels of one output pixel along an axis.
     *
     * @param first of them
     * @param weights of each, with sum 1
     */
    private record Taps(int first, double[] weights) {
        float sum(float[] values, int start, int stride) {
            double sum = 0;
            int at = start + first * stride;
            for (double weight : weights) {
                sum += values[at] * weight;
                at += stride;
            }
            return (float) sum;
        }
    }

    private Taps[] taps(int from) {
        double scale = (double) from / side;
        double stretch = Math.max(scale, 1);
        double support = 2 * stretch;
        Taps[] taps = new Taps[side];
        for (int i = 0; i < side; i++) {
            double center = (i + 0.5) * scale;
            int first = Math.max((int) (center - support + 0.5), 0);
            double[] weights = new double[Math.min((int) (center + support + 0.5), from) - first];
            double sum = 0;
            for (int j = 0; j < weights.length; j++) {
                weights[j] = cubic((j + first - center + 0.5) * (1 / stretch));
                sum += weights[j];
            }
            for (int j = 0; j < weights.length; j++) {
                weights[j] /= sum;
            }
            taps[i] = new Taps(first, weights);
        }
        return taps;
    }

    private static double cubic(double x) {
        double d = Math.abs(x);
        if (d < 1) {
            return ((A + 2) * d - (A + 3)) * d * d + 1;
        }
        return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
    }
}
