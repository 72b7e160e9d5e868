package io.unifiedlatents.core.schedule;

import java.util.SplittableRandom;

/**
 * Times for a whole global batch, one in each of n equal parts of [0, 1), in random order: the estimate of the loss
 * varies less than with independent times (as VDM's antithetic times, arXiv 2107.00630, App. I).
 */
public final class StratifiedTimes {
    private StratifiedTimes() {}

    /**
     * Times of the samples of a global batch.
     *
     * @param count samples in the global batch
     * @param seed of this step and purpose; different purposes need different seeds to be independent
     * @return count times in [0, 1); uniform each, and exactly one in each part [(k + u)/n mod 1]
     */
    public static double[] of(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double offset = random.nextDouble();
        double[] times = new double[count];
        for (int i = 0; i < count; i++) {
            double time = (i + offset) / count;
            int other = random.nextInt(i + 1); // inside-out Fisher-Yates
            times[i] = times[other];
            times[other] = time;
        }
        return times;
    }
}
