package io.unifiedlatents.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FrechetDistanceTest {
    /** Independent normal columns with these means and deviations. */
    private static FeatureStats normal(int count, double[] mean, double[] deviation, long seed) {
        Random random = new Random(seed);
        FeatureStats stats = new FeatureStats(mean.length);
        float[] row = new float[mean.length];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < row.length; k++) {
                row[k] = (float) (mean[k] + deviation[k] * random.nextGaussian());
            }
            stats.add(row, 0);
        }
        return stats;
    }

    @Test
    void twoGaussiansWithDiagonalCovariancesHaveTheClosedForm() {
        double[] m1 = {0, 1, 2};
        double[] s1 = {1, 2, 0.5};
        double[] m2 = {0.5, 1, 1};
        double[] s2 = {2, 1, 0.5};
        int n = 400_000;
        double expected = 0;
        for (int k = 0; k < 3; k++) {
            expected += Math.pow(m1[k] - m2[k], 2) + Math.pow(s1[k] - s2[k], 2);
        }
        // deviations known to 1/√(2n) = 0.1 %, means to 0.3 %: the sum 3.25 to about 0.5 %
        assertThat(FrechetDistance.between(normal(n, m1, s1, 1), normal(n, m2, s2, 2)))
                .isCloseTo(expected, within(0.03));
    }

    @Test
    void aSetHasNoDistanceFromItself() {
        FeatureStats stats =
                normal(100, new double[] {1, 2, 3, 4}, new double[] {1, 1, 0, 1}, 3); // one column constant
        double scale = stats.covariance()[0] + stats.covariance()[5] + stats.covariance()[15];
        assertThat(FrechetDistance.between(stats, stats)).isCloseTo(0, within(1e-7 * scale));
    }

    @Test
    void statisticsAreThoseOfAllVectorsHoweverTheyWereSplit() {
        FeatureStats whole = new FeatureStats(2);
        FeatureStats left = new FeatureStats(2);
        FeatureStats right = new FeatureStats(2);
        float[][] rows = {{1, 2}, {3, 5}, {-1, 0}, {4, 4}};
        for (int i = 0; i < rows.length; i++) {
            whole.add(rows[i], 0);
            (i < 1 ? left : right).add(rows[i], 0);
        }
        left.merge(right);
        assertThat(left.covariance()).containsExactly(whole.covariance()); // small integers: sums are exact
        assertThat(whole.mean()).containsExactly(1.75, 2.75);
        // by hand, divisor n − 1 = 3
        assertThat(whole.covariance()[0]).isCloseTo((27 - 4 * 1.75 * 1.75) / 3, within(1e-12));
        assertThat(whole.covariance()[1]).isCloseTo((33 - 4 * 1.75 * 2.75) / 3, within(1e-12));
        assertThatThrownBy(() -> left.merge(new FeatureStats(3))).hasMessageContaining("two detectors");
    }

    @Test
    void psnrFollowsItsFormula() {
        byte[] a = {(byte) 255, 0, 10};
        byte[] b = {(byte) 250, 0, 10};
        assertThat(Psnr.meanSquaredError(a, b)).isEqualTo(25.0 / 3);
        assertThat(Psnr.decibels(1)).isCloseTo(48.1308, within(1e-4));
        assertThat(Psnr.decibels(0)).isInfinite();
    }
}
