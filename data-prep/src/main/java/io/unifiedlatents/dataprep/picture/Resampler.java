package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.data.Rgb;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Resizing as Pillow does it for 8-bit pictures, to the bit: separable, horizontal pass first, filter support scaled
 * with the reduction (antialiasing), 22-bit fixed-point weights, each pass rounded to 8 bits.
 */
final class Resampler {
    /** A filter: half-width of its support in output pixels, and its value at a distance. */
    enum Filter {
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

    /** Weights of the input pixels of each output pixel along one axis, from {@code first} on. */
    private record Weights(int[] first, int[][] fixed) {}

    private Resampler() {}

    /** Resizes a picture to {@code width} by {@code height} pixels; returns it as it is where it has that size. */
    static Rgb resize(Rgb image, int width, int height, Filter filter) {
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
        int most = Arrays.stream(down.fixed)
                .mapToInt(weights -> weights.length)
                .max()
                .orElseThrow();
        int[][] ring = new int[most][stride]; // input rows that were resized across, by their number modulo most
        int[] sums = new int[stride];
        int next = 0; // row to resize across
        for (int y = 0; y < crop.rows(); y++) {
            int first = down.first[crop.top() + y];
            int[] weights = down.fixed[crop.top() + y];
            for (next = Math.max(next, first); next < first + weights.length; next++) {
                across(image.pixels(), 3 * image.width() * next, across, crop.left(), ring[next % most]);
            }
            down(ring, first, weights, sums);
            pack(sums, out, y * stride);
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
            int[][] one = new int[to][];
            Arrays.fill(one, new int[] {1 << FRACTION_BITS});
            return new Weights(IntStream.range(0, to).toArray(), one);
        }
        double scale = (double) from / to;
        double stretch = Math.max(scale, 1);
        double support = filter.support * stretch;
        int[] first = new int[to];
        int[][] fixed = new int[to][];
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            int low = Math.max((int) (center - support + 0.5), 0);
            int high = Math.min((int) (center + support + 0.5), from);
            double[] weights = new double[high - low];
            double sum = 0;
            for (int j = 0; j < weights.length; j++) {
                weights[j] = filter.at((j + low - center + 0.5) * (1 / stretch));
                sum += weights[j];
            }
            first[i] = low;
            fixed[i] = fixedPoint(weights, sum);
        }
        return new Weights(first, fixed);
    }

    private static int[] fixedPoint(double[] weights, double sum) {
        int[] fixed = new int[weights.length];
        for (int j = 0; j < fixed.length; j++) {
            double weight = sum == 0 ? weights[j] : weights[j] / sum;
            fixed[j] = (int) (weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5)); // half away from zero
        }
        return fixed;
    }

    /** Resizes a row across, from output column {@code left} on. */
    private static void across(byte[] in, int row, Weights weights, int left, int[] out) {
        int x = left;
        for (int to = 0; to < out.length; to += 3, x++) {
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            int at = row + 3 * weights.first[x];
            for (int weight : weights.fixed[x]) {
                red += (in[at] & 0xFF) * weight;
                green += (in[at + 1] & 0xFF) * weight;
                blue += (in[at + 2] & 0xFF) * weight;
                at += 3;
            }
            out[to] = clip(red);
            out[to + 1] = clip(green);
            out[to + 2] = clip(blue);
        }
    }

    /** Weighted sums of rows; the loops over a whole row are what the compiler makes vector instructions of. */
    private static void down(int[][] ring, int first, int[] weights, int[] sums) {
        Arrays.fill(sums, HALF);
        int k = 0;
        for (; k < weights.length - 1; k += 2) {
            add(ring[(first + k) % ring.length], weights[k], ring[(first + k + 1) % ring.length], weights[k + 1], sums);
        }
        if (k < weights.length) {
            add(ring[(first + k) % ring.length], weights[k], sums);
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
