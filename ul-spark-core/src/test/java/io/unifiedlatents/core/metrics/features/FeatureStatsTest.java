package io.unifiedlatents.core.metrics.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FeatureStatsTest {
    private static float[][] normal(int count, int dimensions, double mean) {
        Random random = new Random(1);
        float[][] rows = new float[count][dimensions];
        for (float[] row : rows) {
            for (int i = 0; i < dimensions; i++) {
                row[i] = (float) (mean + random.nextGaussian() * (i + 1));
            }
        }
        return rows;
    }

    /** Two passes with divisor n − 1. */
    private static double covariance(float[][] rows, int i, int j) {
        double meanI = 0;
        double meanJ = 0;
        for (float[] row : rows) {
            meanI += row[i];
            meanJ += row[j];
        }
        meanI /= rows.length;
        meanJ /= rows.length;
        double sum = 0;
        for (float[] row : rows) {
            sum += (row[i] - meanI) * (row[j] - meanJ);
        }
        return sum / (rows.length - 1);
    }

    @Test
    void smallSetsAreAsByHand() {
        FeatureStats stats = FeatureStats.of(new float[][] {{1, 2}, {3, 5}, {-1, 0}, {4, 4}});
        assertThat(stats.mean()).containsExactly(1.75, 2.75);
        // divisor n − 1 = 3; all numbers are binary fractions but for the last division
        assertThat(stats.covariance()).containsExactly(14.75 / 3, 13.75 / 3, 13.75 / 3, 14.75 / 3);
        assertThatThrownBy(() -> stats.merge(new FeatureStats(3))).hasMessageContaining("two detectors");
        assertThatThrownBy(() -> stats.add(new float[] {0, Float.NaN}, 0)).hasMessage("feature 1 is NaN");
        assertThatThrownBy(() -> FeatureStats.of(new float[][] {{1}}).covariance())
                .hasMessage("a covariance needs 2 vectors or more, got 1");
    }

    @Test
    void keepsItsDigitsFarFromZero() {
        float[][] rows = normal(1000, 3, 1 << 20); // rounded to 1/8 by float32
        double[] covariance = FeatureStats.of(rows).covariance();
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                // a mean is known to 2^20 ε = 2e-10, blocks differ by a tenth of a deviation;
                // sums of products would be known to 2^40 ε = 2e-4
                assertThat(covariance[i * 3 + j]).isCloseTo(covariance(rows, i, j), within(1e-10 * (i + 1) * (j + 1)));
            }
        }
    }

    @Test
    void splittingChangesNoMoreThanRounding() {
        float[][] rows = normal(700, 5, 3);
        FeatureStats whole = FeatureStats.of(rows);
        FeatureStats parts = new FeatureStats(5);
        FeatureStats part = new FeatureStats(5);
        for (int i = 0; i < rows.length; i++) {
            part.add(rows[i], 0);
            if (i == 0 || i == 300 || i == 555 || i == 699) {
                parts.merge(part);
                part = new FeatureStats(5);
            }
        }
        assertThat(parts.count()).isEqualTo(700);
        double[] expected = whole.covariance();
        double[] covariance = parts.covariance();
        for (int k = 0; k < 25; k++) {
            assertThat(covariance[k]).isCloseTo(expected[k], within(1e-13 * 25)); // variances of 1 to 25
        }
    }

    @Test
    void sameOrderGivesSameBitsWhoeverComputesAndHoweverItTravels() throws Exception {
        float[][] rows = normal(500, 7, 1);
        FeatureStats here = new FeatureStats(7);
        FeatureStats there = new FeatureStats(7);
        for (int shard = 0; shard < 5; shard++) {
            FeatureStats one = new FeatureStats(7);
            FeatureStats other = new FeatureStats(7);
            for (int i = 100 * shard; i < 100 * shard + 100; i++) {
                one.add(rows[i], 0);
                float[] shifted = new float[9];
                System.arraycopy(rows[i], 0, shifted, 2, 7);
                other.add(shifted, 2);
            }
            here.merge(one);
            there.merge(travelled(other));
        }
        assertThat(there.mean()).containsExactly(here.mean());
        assertThat(there.covariance()).containsExactly(here.covariance());
    }

    private static FeatureStats travelled(FeatureStats stats) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(stats);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (FeatureStats) in.readObject();
        }
    }
}
