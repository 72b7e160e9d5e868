package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.core.data.Rgb;
import java.io.Serializable;

/**
 * Sums over the pixels of pictures, for mean and standard deviation of each channel. They are integers, so that order
 * and distribution of the pictures do not matter. Overflow throws; 10¹⁴ pixels fit.
 */
final class PixelSums implements Serializable {
    /** Red, green, blue. */
    static final int CHANNELS = 3;

    private static final double WHITE = 255;

    private long pixels;
    private final long[] sums = new long[CHANNELS];
    private final long[] squares = new long[CHANNELS];

    void add(Rgb picture) {
        byte[] values = picture.pixels();
        for (int channel = 0; channel < CHANNELS; channel++) {
            long sum = 0;
            long square = 0;
            for (int i = channel; i < values.length; i += CHANNELS) {
                int value = values[i] & 0xFF;
                sum += value;
                square += (long) value * value;
            }
            sums[channel] = Math.addExact(sums[channel], sum);
            squares[channel] = Math.addExact(squares[channel], square);
        }
        pixels += values.length / CHANNELS;
    }

    void add(PixelSums other) {
        pixels += other.pixels;
        for (int channel = 0; channel < CHANNELS; channel++) {
            sums[channel] = Math.addExact(sums[channel], other.sums[channel]);
            squares[channel] = Math.addExact(squares[channel], other.squares[channel]);
        }
    }

    /** Mean and standard deviation of all pixels, black being 0 and white 1; NaN where there are none. */
    Card.Pixels card() {
        double[] mean = new double[CHANNELS];
        double[] deviation = new double[CHANNELS];
        for (int channel = 0; channel < CHANNELS; channel++) {
            double average = (double) sums[channel] / pixels;
            double variance = Math.max(0, (double) squares[channel] / pixels - average * average);
            mean[channel] = average / WHITE;
            deviation[channel] = Math.sqrt(variance) / WHITE;
        }
        return new Card.Pixels(pixels, mean, deviation, sums, squares);
    }
}
