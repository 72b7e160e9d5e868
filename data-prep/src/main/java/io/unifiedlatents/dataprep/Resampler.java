package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.Rgb;

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

    /** Weights of the input pixels of each output pixel along one axis, from {@code first} on. */
    private record Weights(int[] first, int[][] fixed) {}

    private Resampler() {}

    /** Resizes a picture to {@code width} by {@code height} pixels; returns it as it is where it has that size. */
    static Rgb resize(Rgb image, int width, int height, Filter filter) {
        Rgb wide = image.width() == width ? image : horizontal(image, weights(image.width(), width, filter));
        return wide.height() == height ? wide : vertical(wide, weights(wide.height(), height, filter));
    }

    private static Weights weights(int from, int to, Filter filter) {
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

    private static Rgb horizontal(Rgb image, Weights weights) {
        int width = weights.first.length;
        byte[] in = image.pixels();
        byte[] out = new byte[Math.multiplyExact(3, Math.multiplyExact(width, image.height()))];
        int to = 0;
        for (int y = 0; y < image.height(); y++) {
            int row = 3 * image.width() * y;
            for (int x = 0; x < width; x++, to += 3) {
                weigh(in, row + 3 * weights.first[x], 3, weights.fixed[x], out, to);
            }
        }
        return new Rgb(width, image.height(), out);
    }

    private static Rgb vertical(Rgb image, Weights weights) {
        int height = weights.first.length;
        int stride = 3 * image.width();
        byte[] in = image.pixels();
        byte[] out = new byte[Math.multiplyExact(stride, height)];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int start = stride * weights.first[y];
            for (int x = 0; x < image.width(); x++, to += 3) {
                weigh(in, start + 3 * x, stride, weights.fixed[y], out, to);
            }
        }
        return new Rgb(image.width(), height, out);
    }

    /** One output pixel: the weighted sum of input pixels {@code step} bytes apart. */
    private static void weigh(byte[] in, int from, int step, int[] weights, byte[] out, int to) {
        int red = 1 << (FRACTION_BITS - 1);
        int green = red;
        int blue = red;
        int at = from;
        for (int weight : weights) {
            red += (in[at] & 0xFF) * weight;
            green += (in[at + 1] & 0xFF) * weight;
            blue += (in[at + 2] & 0xFF) * weight;
            at += step;
        }
        out[to] = clip(red);
        out[to + 1] = clip(green);
        out[to + 2] = clip(blue);
    }

    private static byte clip(int fixed) {
        return (byte) Math.min(Math.max(fixed >> FRACTION_BITS, 0), 255);
    }
}
