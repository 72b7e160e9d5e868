package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.config.Check;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/**
 * The distribution of a parameter's start values: normal.
 *
 * @param mean of the distribution
 * @param std standard deviation; 0 makes all values the mean
 */
public record Initializer(float mean, double std) {
    /** All zeros, for outputs that start as "no change". */
    public static final Initializer ZEROS = new Initializer(0, 0);

    /** All ones, for gains. */
    public static final Initializer ONES = new Initializer(1, 0);

    /** Checks the deviation. */
    public Initializer {
        Check.argument(std >= 0 && Double.isFinite(std), "std=%s must be finite and >= 0", std);
    }

    /** Start values that keep the variance of a signal through a layer with so many inputs: standard deviation 1/√n. */
    public static Initializer fanIn(long inputs) {
        return new Initializer(0, 1 / Math.sqrt((double) inputs));
    }

    /** Fills {@code target} with the start values that belong to {@code seed}. */
    void fill(FloatBuffer target, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        while (target.hasRemaining()) {
            target.put(std == 0 ? mean : (float) (mean + std * random.nextGaussian()));
        }
    }
}
