package io.unifiedlatents.core.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.metrics.picture.Psnr;
import io.unifiedlatents.core.numpy.Golden;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.Npz;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"well", "near", "constant", "few", "offset"})
    void agreesWithSixtyDigitsAndWithSqrtm(String name) throws IOException {
        Golden golden = new Golden("frechet.npz");
        FeatureStats x = FeatureStats.of(golden.rows(name + ".x"));
        FeatureStats y = FeatureStats.of(golden.rows(name + ".y"));
        FrechetDistance distance = FrechetDistance.evenIfSingular(x.gaussian(), y.gaussian());
        double exact = golden.number(name + ".exact");
        assertThat(distance.value()).isCloseTo(exact, within(Math.min(distance.error(), 1e-10 * exact)));
        assertThat(distance.error()).isLessThan(1e-5 * exact);
        double sqrtm = golden.number(name + ".scipy");
        if (name.equals("constant")) {
            assertThat(sqrtm).isNaN(); // SciPy's root fails there
        } else {
            assertThat(distance.value()).isCloseTo(sqrtm, within(1e-6 * exact));
        }
        FrechetDistance swapped = FrechetDistance.evenIfSingular(y.gaussian(), x.gaussian());
        assertThat(swapped.value()).isCloseTo(distance.value(), within(distance.error()));
        assertThat(Math.abs(FrechetDistance.evenIfSingular(x.gaussian(), x.gaussian())
                        .value()))
                .isLessThanOrEqualTo(FrechetDistance.evenIfSingular(x.gaussian(), x.gaussian())
                        .error());
    }

    @Test
    void gaussiansWithCommutingCovariancesHaveTheClosedForm() {
        // rotations of diag(1, 4) and diag(9, 0.25) by the same angle
        double c = Math.cos(0.7);
        double s = Math.sin(0.7);
        double[] first = {c * c + 4 * s * s, (1 - 4) * c * s, (1 - 4) * c * s, s * s + 4 * c * c};
        double[] second = {9 * c * c + 0.25 * s * s, 8.75 * c * s, 8.75 * c * s, 9 * s * s + 0.25 * c * c};
        FrechetDistance distance = FrechetDistance.of(
                new Gaussian(Gaussian.UNKNOWN, new double[] {0, 3}, first),
                new Gaussian(Gaussian.UNKNOWN, new double[] {4, 0}, second));
        assertThat(distance.value()).isCloseTo(25 + (1 - 3) * (1 - 3) + (2 - 0.5) * (2 - 0.5), within(1e-13));
        assertThat(distance.error()).isLessThan(1e-13);
    }

    @Test
    void refusesFewVectorsAndWhatIsNoCovariance() {
        Gaussian few = normal(3, new double[3], new double[] {1, 1, 1}, 4).gaussian();
        assertThatThrownBy(() -> FrechetDistance.of(few, few))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "the covariance of n=3 vectors in 3 dimensions is singular, a Fréchet distance of it is mostly "
                                + "bias; use more than 3 pictures");
        Gaussian indefinite = new Gaussian(Gaussian.UNKNOWN, new double[2], new double[] {1, 2, 2, 1});
        assertThatThrownBy(() -> FrechetDistance.of(indefinite, indefinite))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is no covariance");
        assertThatThrownBy(() -> FrechetDistance.evenIfSingular(indefinite, few))
                .hasMessageContaining("two detectors");
    }

    @Test
    void referenceStatisticsAreReadAndWritten(@TempDir Path directory) throws IOException {
        Gaussian gaussian =
                normal(100, new double[] {1, 2, 3}, new double[] {1, 2, 1}, 5).gaussian();
        Path file = write(directory.resolve("ref.npz"), gaussian.arrays(Gaussian.Kind.FEATURES));
        Gaussian read = Objects.requireNonNull(read(file, Gaussian.Kind.FEATURES));
        assertThat(read.mean()).containsExactly(gaussian.mean());
        assertThat(read.covariance()).containsExactly(gaussian.covariance());
        assertThat(read.count()).isEqualTo(77);
        assertThat(read(file, Gaussian.Kind.SPATIAL)).isNull();
        Path wrong = write(
                directory.resolve("wrong.npz"),
                Map.of("mu_s", Npy.of(new double[2], 2), "sigma_s", Npy.of(new double[4], 4)));
        assertThatThrownBy(() -> read(wrong, Gaussian.Kind.SPATIAL))
                .isInstanceOf(ConfigException.class)
                .hasMessage(wrong + ": mu_s and sigma_s have shapes [2] and [4]; needed are (d) and (d, d)");
    }

    private static Path write(Path file, Map<String, Npy> arrays) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            Npz.writeStored(out, arrays);
        }
        return file;
    }

    private static @Nullable Gaussian read(Path file, Gaussian.Kind kind) throws IOException {
        return Gaussian.read(new org.apache.hadoop.fs.Path(file.toString()), new Configuration(), kind, 77);
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
