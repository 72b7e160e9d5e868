package io.unifiedlatents.core.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.numpy.Golden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a Fréchet distance owes to the number and the choice of samples. */
class FrechetSamplingTest {
    private static final int DIMENSIONS = 16;

    /** N(0, 1) in each dimension, but for a mean of the first. */
    private static float[][] normal(int count, double mean, long seed) {
        Random random = new Random(seed);
        float[][] rows = new float[count][DIMENSIONS];
        for (float[] row : rows) {
            for (int i = 0; i < DIMENSIONS; i++) {
                row[i] = (float) ((i == 0 ? mean : 0) + random.nextGaussian());
            }
        }
        return rows;
    }

    private static Gaussian standard() {
        double[] identity = new double[DIMENSIONS * DIMENSIONS];
        for (int i = 0; i < DIMENSIONS; i++) {
            identity[i * DIMENSIONS + i] = 1;
        }
        return new Gaussian(Gaussian.UNKNOWN, new double[DIMENSIONS], identity);
    }

    @Test
    void theLineIsThatOfLeastSquares() throws IOException {
        Golden golden = new Golden("metrics.npz");
        int[] counts = Arrays.stream(golden.array("fit.n").longs())
                .mapToInt(Math::toIntExact)
                .toArray();
        FrechetAtInfinity line =
                FrechetAtInfinity.fit(counts, golden.array("fit.distance").doubles());
        double[] expected = golden.array("fit").doubles();
        assertThat(line.value()).isCloseTo(expected[0], within(1e-12));
        assertThat(line.standardError()).isCloseTo(expected[1], within(1e-12));
    }

    @Test
    void extrapolationRemovesMostOfTheBias() {
        // distance 0 in the limit; with n = 1000 the bias is about (d + d (d + 1) / 8) / n = 0.05
        float[][] rows = normal(1000, 0, 1);
        double finite =
                FrechetDistance.of(FeatureStats.of(rows).gaussian(), standard()).value();
        FrechetAtInfinity line = InMemory.frechetAtInfinity(rows, standard(), 100, 15, 5);
        assertThat(finite).isBetween(0.03, 0.07);
        // what is left is the luck of these 1000: √(2 d) / n = 0.006 from the means and 0.008 from the covariance
        assertThat(line.value()).isCloseTo(0, within(3 * 0.01));
        assertThat(Math.abs(line.value())).isLessThan(0.5 * finite);
        assertThat(line.counts()).hasSize(15).startsWith(100).endsWith(1000);
        assertThat(InMemory.frechetAtInfinity(rows, standard(), 100, 15, 5).value())
                .isEqualTo(line.value());
        assertThat(InMemory.frechetAtInfinity(rows, standard(), 100, 15, 6).value())
                .isNotEqualTo(line.value());
        assertThatThrownBy(() -> InMemory.frechetAtInfinity(rows, standard(), 16, 15, 5))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("the covariance of n=16 vectors in 16 dimensions is singular");
    }

    @Test
    void jackknifeErrorIsTheSpreadOverRepetitions() {
        int repetitions = 60;
        double[] values = new double[repetitions];
        double meanError = 0;
        for (int r = 0; r < repetitions; r++) {
            float[][] rows = normal(800, 1, 100 + r);
            List<FeatureStats> shards = new ArrayList<>();
            for (int s = 0; s < 20; s++) {
                shards.add(FeatureStats.of(Arrays.copyOfRange(rows, 40 * s, 40 * s + 40)));
            }
            values[r] = FrechetDistance.of(FeatureRun.merged(shards).gaussian(), standard())
                    .value();
            FrechetJackknife jackknife = FrechetJackknife.of(values[r], shards, standard());
            meanError += jackknife.standardError() / repetitions;
            assertThat(jackknife.high() - jackknife.low()).isCloseTo(3.92 * jackknife.standardError(), within(1e-4));
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        double spread = Math.sqrt(
                Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (repetitions - 1));
        // a deviation from 60 draws is known to 1 / √118 = 9 %, the jackknife's mean error to a tenth of that: 3 of
        // them
        assertThat(meanError / spread).isBetween(0.73, 1.27);
    }

    @Test
    void pairsLoseTheSameGroup() {
        List<FeatureStats> first = new ArrayList<>();
        List<FeatureStats> second = new ArrayList<>();
        for (int s = 0; s < 6; s++) {
            float[][] rows = normal(50, 0, s);
            first.add(FeatureStats.of(rows));
            for (float[] row : rows) {
                row[0] += 2;
            }
            second.add(FeatureStats.of(rows));
        }
        // the same pictures moved by 2: the distance is 4 whatever is left out, but for float32's rounding of the sums
        FrechetJackknife pairs = FrechetJackknife.ofPairs(4, first, second);
        assertThat(pairs.standardError()).isLessThan(1e-6);
        assertThatThrownBy(() -> FrechetJackknife.of(4, first.subList(0, 1), standard()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("a jackknife of 1 groups is not possible; take 2 groups or more");
    }
}
