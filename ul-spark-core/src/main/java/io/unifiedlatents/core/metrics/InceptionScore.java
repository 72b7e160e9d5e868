package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;

/**
 * Inception Score, exp E KL(p(y|x) ‖ p(y)) (Salimans et al. 2016, Sec. 4), over consecutive splits of the set.
 *
 * @param mean over splits
 * @param standardDeviation over splits, divisor splits, as the authors' code has it
 */
public record InceptionScore(double mean, double standardDeviation) {
    /**
     * The score of a set.
     *
     * @param logits of each picture before the softmax; shuffled by the caller where their order follows the classes
     * @param splits parts of equal size but for one picture (10 is usual)
     */
    public static InceptionScore of(float[][] logits, int splits) {
        Check.setting(
                splits >= 1 && splits <= logits.length,
                "%d pictures cannot be split in %d; take 1 or more, and no more than pictures",
                logits.length,
                splits);
        double[] scores = new double[splits];
        double mean = 0;
        for (int s = 0; s < splits; s++) {
            int from = (int) ((long) logits.length * s / splits);
            int to = (int) ((long) logits.length * (s + 1) / splits);
            scores[s] = score(logits, from, to);
            mean += scores[s] / splits;
        }
        double squares = 0;
        for (double score : scores) {
            squares += (score - mean) * (score - mean);
        }
        return new InceptionScore(mean, Math.sqrt(squares / splits));
    }

    /** E KL(p(y|x) ‖ p(y)) is the entropy of the mean less the mean entropy. */
    private static double score(float[][] logits, int from, int to) {
        double[] marginal = new double[logits[from].length];
        double negativeEntropies = 0;
        for (int i = from; i < to; i++) {
            double logSum = logSumExp(logits[i]);
            for (int c = 0; c < marginal.length; c++) {
                double logP = logits[i][c] - logSum;
                double p = Math.exp(logP);
                marginal[c] += p;
                negativeEntropies += p * logP;
            }
        }
        double entropy = 0;
        for (double sum : marginal) {
            double p = sum / (to - from);
            entropy -= p > 0 ? p * Math.log(p) : 0;
        }
        return Math.exp(entropy + negativeEntropies / (to - from));
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
