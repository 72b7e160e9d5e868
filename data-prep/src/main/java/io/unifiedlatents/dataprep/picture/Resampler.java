package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.data.Rgb;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Resizing as Pillow does it for 8-bit pictures, to the bit: separable, horizontal pass first, filter support scaled
 * with the reduction (antialiasing), 22-bit fixed-point weights, each pass rounded to 8 bits.
 */
public final class Resampler {
    /** A filter: half-width of its support in output pixels, and its value at a distance. */
    public enum Filter {
        /** Mean over the covered pixels. */
        BOX(0.5) {
            @Override
            double at(double x) {
                return x > -0.5 && x <= 0.5 ? 1 : 0;
            }
        },
        /** Keys' cubic convolution with a = −0.5. */
        BICUBIC(2) {
            @Override
            double at(double x) {
                double d = Math.abs(x);
                if (d < 1) {
                    return ((A + 2) * d - (A + 3)) * d * d + 1;
                }
                return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
            }
        };

        private static final double A = -0.5;
        private final double support;

        Filter(double support) {
            this.support = support;
        }

        abstract double at(double x);
    }

    private static final int FRACTION_BITS = 22;
    private static final int HALF = 1 << (FRACTION_BITS - 1);
    private static final long HALVES = (long) HALF << 32 | HALF;

    /**
     * Weights along one axis.
     *
     * @param first the first input pixel of each output pixel
     * @param taps input pixels of an output pixel
     * @param fixed weights in 2<sup>−22</sup>, {@code taps} for each output pixel; some are zero
     */
    private record Weights(int[] first, int taps, int[] fixed) {}

    private Resampler() {}

    /** Resizes a picture to {@code width} by {@code height} pixels; returns it as it is where it has that size. */
    public static Rgb resize(Rgb image, int width, int height, Filter filter) {
        return resize(image, width, height, filter, new Crop(0, 0, width, height));
    }

    /** The part of {@link #resize(Rgb, int, int, Filter)} that {@code crop} keeps; the rest is not computed. */
    static Rgb resize(Rgb image, int width, int height, Filter filter, Crop crop) {
        if (image.width() == width && image.height() == height) {
            return crop.apply(image);
        }
        boolean whole = crop.columns() == width && crop.rows() == height;
        if (whole && filter == Filter.BOX && image.width() == 2 * width && image.height() == 2 * height) {
            return halved(image);
        }
        Weights across = weights(image.width(), width, filter);
        Weights down = weights(image.height(), height, filter);
        int stride = 3 * crop.columns();
        byte[] out = new byte[Math.multiplyExact(stride, crop.rows())];
        int[][] ring = new int[down.taps + 1][stride]; // input rows that were resized across, by number modulo length
        long[] pairs = new long[3 * image.width()];
        int[] sums = new int[stride];
        int next = 0; // row to resize across
        for (int y = crop.top(); y < crop.top() + crop.rows(); y++) {
            int first = down.first[y];
            for (next = Math.max(next, first); next < first + down.taps; next += 2) {
                int below = Math.min(next + 1, image.height() - 1);
                pair(image, next, below, pairs);
                across(pairs, across, crop.left(), ring[next % ring.length], ring[(next + 1) % ring.length]);
            }
            down(ring, first, down, y, sums);
            pack(sums, out, (y - crop.top()) * stride);
        }
        return new Rgb(crop.columns(), crop.rows(), out);
    }

    /** {@link Filter#BOX} to exactly half of both sides: means of two, then of two of these, halves rounded up. */
    private static Rgb halved(Rgb image) {
        int width = image.width() / 2;
        int height = image.height() / 2;
        int stride = 3 * image.width();
        byte[] in = image.pixels();
        byte[] out = new byte[3 * width * height];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int from = 2 * y * stride;
            for (int x = 0; x < width; x++, from += 6) {
                for (int channel = 0; channel < 3; channel++, to++) {
                    int at = from + channel;
                    int above = ((in[at] & 0xFF) + (in[at + 3] & 0xFF) + 1) >> 1;
                    int below = ((in[at + stride] & 0xFF) + (in[at + stride + 3] & 0xFF) + 1) >> 1;
                    out[to] = (byte) ((above + below + 1) >> 1);
                }
            }
        }
        return new Rgb(width, height, out);
    }

    private static Weights weights(int from, int to, Filter filter) {
        if (from == to) { // Pillow leaves this pass out
            int[] ones = new int[to];
            Arrays.fill(ones, 1 << FRACTION_BITS);
            return new Weights(IntStream.range(0, to).toArray(), 1, ones);
        }
        double scale = (double) from / to;
        double stretch = Math.max(scale, 1);
        double support = filter.support * stretch;
        int[] low = new int[to];
        int[] high = new int[to];
        int taps = 0;
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            low[i] = Math.max((int) (center - support + 0.5), 0);
            high[i] = Math.min((int) (center + support + 0.5), from);
            taps = Math.max(taps, high[i] - low[i]);
        }
        int[] first = new int[to];
        int[] fixed = new int[Math.multiplyExact(to, taps)];
        double[] weights = new double[taps];
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            double sum = 0;
            for (int j = low[i]; j < high[i]; j++) {
                weights[j - low[i]] = filter.at((j - center + 0.5) * (1 / stretch));
                sum += weights[j - low[i]];
            }
            first[i] = Math.min(low[i], from - taps);
            for (int j = low[i]; j < high[i]; j++) {
                double weight = weights[j - low[i]];
                fixed[i * taps + j - first[i]] = fixedPoint(sum == 0 ? weight : weight / sum);
            }
        }
        return new Weights(first, taps, fixed);
    }

    /** Half away from zero. */
    private static int fixedPoint(double weight) {
        return (int) (weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5));
    }

    /** Two rows in the halves of one, so that a multiplication serves both. */
    private static void pair(Rgb image, int row, int below, long[] pairs) {
        byte[] in = image.pixels();
        int one = row * pairs.length;
        int two = below * pairs.length;
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = (in[one + i] & 0xFFL) | (in[two + i] & 0xFFL) << 32;
        }
    }

    /** Resizes two rows across, from output column {@code left} on. */
    private static void across(long[] pairs, Weights weights, int left, int[] one, int[] two) {
        int x = left;
        for (int to = 0; to < one.length; to += 3, x++) {
            long red = HALVES;
            long green = HALVES;
            long blue = HALVES;
            int at = 3 * weights.first[x];
            int end = (x + 1) * weights.taps;
            for (int k = end - weights.taps; k < end; k++, at += 3) {
                long weight = weights.fixed[k];
                red += pairs[at] * weight;
                green += pairs[at + 1] * weight;
                blue += pairs[at + 2] * weight;
            }
            one[to] = clip((int) red);
            one[to + 1] = clip((int) green);
            one[to + 2] = clip((int) blue);
            two[to] = clip(upper(red));
            two[to + 1] = clip(upper(green));
            two[to + 2] = clip(upper(blue));
        }
    }

    /** The upper of two signed sums, of which the lower borrowed one where it is negative. */
    private static int upper(long sums) {
        return (int) ((sums - (int) sums) >> 32);
    }

    /** Weighted sums of rows; the loops over a whole row are what the compiler makes vector instructions of. */
    private static void down(int[][] ring, int first, Weights weights, int y, int[] sums) {
        Arrays.fill(sums, HALF);
        int k = 0;
        int from = y * weights.taps;
        for (; k < weights.taps - 1; k += 2) {
            int[] one = ring[(first + k) % ring.length];
            int[] two = ring[(first + k + 1) % ring.length];
            add(one, weights.fixed[from + k], two, weights.fixed[from + k + 1], sums);
        }
        if (k < weights.taps) {
            add(ring[(first + k) % ring.length], weights.fixed[from + k], sums);
        }
    }

    private static void add(int[] row, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += row[i] * weight;
        }
    }

    private static void add(int[] one, int weight, int[] other, int otherWeight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += one[i] * weight + other[i] * otherWeight;
        }
    }

    private static void pack(int[] sums, byte[] out, int to) {
        for (int i = 0; i < sums.length; i++) {
            out[to + i] = (byte) clip(sums[i]);
        }
    }

    private static int clip(int fixed) {
        return Math.min(Math.max(fixed >> FRACTION_BITS, 0), 255);
    }
}
