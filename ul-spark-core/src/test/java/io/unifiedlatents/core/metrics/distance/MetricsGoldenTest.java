package io.unifiedlatents.core.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.metrics.picture.Psnr;
import io.unifiedlatents.core.metrics.picture.Ssim;
import io.unifiedlatents.core.numpy.Golden;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Figures against another implementation, in NumPy and SciPy, which sums in other orders: equal to 1e-12. */
class MetricsGoldenTest {
    private static final Golden GOLDEN = new Golden("metrics.npz");
    private static final double ROUNDING = 1e-12;

    @Test
    void kernelDistanceOfWholeSets() throws IOException {
        assertThat(KernelDistance.squaredDiscrepancy(GOLDEN.rows("real"), GOLDEN.rows("made")))
                .isCloseTo(GOLDEN.number("kid"), within(1e2 * ROUNDING)); // terms of several hundred cancel
    }

    @Test
    void kernelDistanceOfSubsetsIsUnbiasedAndSeeded() throws IOException {
        float[][] real = GOLDEN.rows("real");
        float[][] made = GOLDEN.rows("made");
        KernelDistance distance = InMemory.kernelDistance(real, made, 400, 20, 1);
        assertThat(distance.mean()).isCloseTo(GOLDEN.number("kid"), within(4 * distance.standardError()));
        assertThat(distance.standardError()).isCloseTo(distance.standardDeviation() / 20, within(1e-15));
        assertThat(distance.standardError()).isLessThan(0.1 * distance.mean()); // else the test above says nothing
        assertThat(InMemory.kernelDistance(real, made, 400, 20, 1)).isEqualTo(distance);
        assertThat(InMemory.kernelDistance(real, made, 400, 20, 2)).isNotEqualTo(distance);
        assertThatThrownBy(() -> InMemory.kernelDistance(real, made, 1, 131, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "1 subsets of 131 vectors cannot be drawn from sets of 150 and 130; take 1 or more of at least 2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void precisionRecallDensityCoverage(int k) throws IOException {
        PrecisionRecall found = InMemory.precisionRecall(GOLDEN.rows("real"), GOLDEN.rows("made"), k);
        double[] expected = GOLDEN.array("prdc" + k).doubles();
        // ratios of counts: exact but for the last division
        assertThat(found.precision()).isCloseTo(expected[0], within(1e-15));
        assertThat(found.recall()).isCloseTo(expected[1], within(1e-15));
        assertThat(found.density()).isCloseTo(expected[2], within(1e-15));
        assertThat(found.coverage()).isCloseTo(expected[3], within(1e-15));
    }

    @Test
    void aSetCoversItselfAndNothingFarAway() throws IOException {
        float[][] real = GOLDEN.rows("real");
        PrecisionRecall same = InMemory.precisionRecall(real, real.clone(), 3);
        assertThat(same.precision()).isEqualTo(1);
        assertThat(same.recall()).isEqualTo(1);
        assertThat(same.coverage()).isEqualTo(1);
        // each ball holds its centre and k others, one of them on the surface, give or take rounding
        assertThat(same.density()).isBetween(1.0, 4.0 / 3);
        float[][] far = GOLDEN.rows("made");
        for (float[] row : far) {
            row[0] += 1000;
        }
        assertThat(InMemory.precisionRecall(real, far, 3)).isEqualTo(new PrecisionRecall(0, 0, 0, 0));
        assertThatThrownBy(() -> InMemory.precisionRecall(real, far, 130))
                .isInstanceOf(ConfigException.class)
                .hasMessage("k=130 neighbours do not exist in sets of 150 and 130");
    }

    @Test
    void inceptionScore() throws IOException {
        InceptionScore score = InMemory.inceptionScore(GOLDEN.rows("logits"), 4);
        double[] expected = GOLDEN.array("is").doubles();
        assertThat(score.mean()).isCloseTo(expected[0], within(1e1 * ROUNDING));
        assertThat(score.standardDeviation()).isCloseTo(expected[1], within(1e1 * ROUNDING));
        // equal pictures score 1, one picture of each class as many as there are classes
        assertThat(InMemory.inceptionScore(new float[10][7], 2).mean()).isCloseTo(1, within(1e-14));
        float[][] certain = new float[7][7];
        for (int i = 0; i < 7; i++) {
            certain[i][i] = 1000;
        }
        assertThat(InMemory.inceptionScore(certain, 1).mean()).isCloseTo(7, within(1e-14));
        assertThatThrownBy(() -> InMemory.inceptionScore(certain, 8)).isInstanceOf(ConfigException.class);
    }

    @Test
    void structuralSimilarity() throws IOException {
        byte[] a = GOLDEN.array("a").bytes();
        byte[] b = GOLDEN.array("b").bytes();
        double[] expected = GOLDEN.array("ssim").doubles();
        assertThat(Ssim.of(a, b, 181, 166)).isCloseTo(expected[0], within(1e-11)); // variances of 0 from means of 255²
        assertThat(Ssim.multiScale(a, b, 181, 166)).isCloseTo(expected[1], within(1e-11));
        assertThat(Psnr.meanSquaredError(a, b)).isCloseTo(GOLDEN.number("mse"), within(1e3 * ROUNDING));
        assertThat(Ssim.of(b, a, 181, 166)).isCloseTo(expected[0], within(1e-13));
        assertThat(Ssim.of(a, a, 181, 166)).isEqualTo(1);
        assertThat(Ssim.multiScale(a, a, 181, 166)).isEqualTo(1);
        assertThatThrownBy(() -> Ssim.multiScale(new byte[160 * 200 * 3], new byte[160 * 200 * 3], 160, 200))
                .isInstanceOf(ConfigException.class)
                .hasMessage("pictures of 160 x 200 are too small for this similarity; their sides must be 161 or more");
        assertThatThrownBy(() -> Ssim.of(a, new byte[3], 181, 166)).hasMessageContaining("are not two of 181 x 166");
    }
}
