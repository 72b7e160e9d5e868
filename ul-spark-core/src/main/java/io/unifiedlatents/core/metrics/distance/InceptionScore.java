package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.metrics.features.Features;

/**
 * Inception Score, exp E KL(p(y|x) ‖ p(y)) (Salimans et al. 2016, Sec. 4), over consecutive splits of the set.
 *
 * @param mean over splits
 * @param standardDeviation over splits, divisor splits, as the authors' code has it
 */
public record InceptionScore(double mean, double standardDeviation) {
    /** The score from those of all splits, in order. */
    public static InceptionScore over(double[] scores) {
        double mean = 0;
        for (double score : scores) {
            mean += score / scores.length;
        }
        double squares = 0;
        for (double score : scores) {
            squares += (score - mean) * (score - mean);
        }
        return new InceptionScore(mean, Math.sqrt(squares / scores.length));
    }

    /**
     * The score of one split; reads only the units it is in, one at a time.
     *
     * @param logits of each picture before the softmax; shuffled by the caller where their order follows the classes
     * @param splits parts of equal size but for one picture (10 is usual)
     */
    public static double score(Features logits, int split, int splits) {
        int count = logits.count();
        Check.setting(
                splits >= 1 && splits <= count,
                "%d pictures cannot be split in %d; take 1 or more, and no more than pictures",
                count,
                splits);
        int from = (int) ((long) count * split / splits);
        int to = (int) ((long) count * (split + 1) / splits);
        Sums sums = new Sums();
        logits.forEach(from, to, (index, vector) -> sums.add(vector));
        return sums.score(to - from);
    }

    /** E KL(p(y|x) ‖ p(y)) is the entropy of the mean less the mean entropy. */
    private static final class Sums {
        private double[] marginal = {};
        private double negativeEntropies;

        void add(float[] logits) {
            if (marginal.length == 0) {
                marginal = new double[logits.length];
            }
            double logSum = logSumExp(logits);
            for (int c = 0; c < marginal.length; c++) {
                double logP = logits[c] - logSum;
                double p = Math.exp(logP);
                marginal[c] += p;
                negativeEntropies += p * logP;
            }
        }

        double score(int count) {
            double entropy = 0;
            for (double sum : marginal) {
                double p = sum / count;
                entropy -= p > 0 ? p * Math.log(p) : 0;
            }
            return Math.exp(entropy + negativeEntropies / count);
        }
    }

    private static double logSumExp(float[] values) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        double sum = 0;
        for (float value : values) {
            sum += Math.exp(value - largest);
        }
        return largest + Math.log(sum);
    }
}
