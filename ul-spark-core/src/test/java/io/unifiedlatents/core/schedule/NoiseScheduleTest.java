package io.unifiedlatents.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class NoiseScheduleTest {
    private static final List<NoiseSchedule> SCHEDULES = List.of(
            new CosineSchedule(5, -10, 0),
            CosineSchedule.forPixels(15, -15, 512, 512),
            CosineSchedule.forPixels(15, -15, 32, 48),
            new LinearSchedule(5, -10));

    @Test
    void endsAreExact() {
        assertThat(new CosineSchedule(5, -10, 0).logSnr(0)).isCloseTo(5, within(1e-12));
        assertThat(new CosineSchedule(5, -10, 0).logSnr(1)).isCloseTo(-10, within(1e-12));
        double shift = 2 * Math.log(64 / 512.0); // −4.16, simple diffusion
        NoiseSchedule pixels = CosineSchedule.forPixels(15, -15, 512, 512);
        assertThat(pixels.logSnr(0)).isCloseTo(15 + shift, within(1e-9));
        assertThat(pixels.logSnr(1)).isCloseTo(-15 + shift, within(1e-9));
        assertThat(pixels.logSnr(0.5)).isCloseTo(shift, within(1e-9)); // an unshifted cosine crosses 0 in the middle
        assertThat(CosineSchedule.forPixels(15, -15, 32, 128))
                .isEqualTo(new CosineSchedule(15, -15, 0)); // as many as 64²
    }

    @Test
    void derivativeIsTheSlopeOfLogSnr() {
        double h = 1e-6;
        for (NoiseSchedule schedule : SCHEDULES) {
            for (double t = 0.05; t < 1; t += 0.1) {
                double slope = (schedule.logSnr(t + h) - schedule.logSnr(t - h)) / (2 * h);
                // central difference: error h² λ‴/6, with rounding 1e-16 · 15 / h = 1e-9 relative to slopes above 10
                assertThat(schedule.derivative(t)).isCloseTo(slope, within(Math.abs(slope) * 1e-6));
                assertThat(schedule.derivative(t)).isNegative();
            }
        }
    }

    @Test
    void signalAndNoisePreserveVariance() {
        for (NoiseSchedule schedule : SCHEDULES) {
            NoiseLevel level = schedule.at(0.3);
            assertThat(level.alpha() * level.alpha() + level.sigma() * level.sigma())
                    .isCloseTo(1, within(1e-15));
            assertThat(2 * Math.log(level.alpha() / level.sigma())).isCloseTo(level.logSnr(), within(1e-12));
        }
        NoiseLevel latent = new CosineSchedule(5, -10, 0).at(0);
        assertThat(latent.alpha()).isCloseTo(0.99665, within(5e-6)); // the paper's fixed noise, Sec. 3.1
        assertThat(latent.sigma()).isCloseTo(0.08181, within(5e-6));
    }

    @Test
    void dataNoiseAndVelocityFormsOfALossAreEqual() {
        double x = 0.7;
        double epsilon = -1.3;
        double guess = 0.2; // a predicted x̂
        for (NoiseSchedule schedule : SCHEDULES) {
            for (Weighting weighting : List.of(Weighting.elbo(), Weighting.sigmoid(1.5, -1))) {
                NoiseLevel level = schedule.at(0.4);
                double noisy = level.alpha() * x + level.sigma() * epsilon;
                double epsilonGuess = (noisy - level.alpha() * guess) / level.sigma();
                double velocity = level.alpha() * epsilon - level.sigma() * x;
                double velocityGuess = (level.alpha() * noisy - guess) / level.sigma();
                double byData = Math.exp(level.logSnr()) * epsilonWeight(level, weighting) * (x - guess) * (x - guess);
                double byNoise = epsilonWeight(level, weighting) * Math.pow(epsilon - epsilonGuess, 2);
                double byVelocity = level.velocityWeight(weighting) * Math.pow(velocity - velocityGuess, 2);
                assertThat(byNoise).isCloseTo(byData, within(1e-9 * byData));
                assertThat(byVelocity).isCloseTo(byData, within(1e-9 * byData));
            }
        }
    }

    @Test
    void theSigmoidWeightInDataFormCarriesExpBias() {
        // exp(λ) sigmoid(b − λ) = e^b sigmoid(λ − b), dossier of Eq. 4
        double bias = -1.5;
        for (double logSnr = -12; logSnr <= 12; logSnr += 1.5) {
            double left = Math.exp(logSnr) * Weighting.sigmoid(1, bias).at(logSnr);
            double right = Math.exp(bias) * NoiseLevel.sigmoid(logSnr - bias);
            assertThat(left).isCloseTo(right, within(1e-12 * right));
        }
        // fine detail (high log-SNR) is what the weight discounts
        assertThat(Weighting.sigmoid(1.6, 0).at(10)).isLessThan(1e-4);
        assertThat(Weighting.sigmoid(1.6, 0).at(-10)).isCloseTo(1.6, within(1e-4));
    }

    @Test
    void theGaussianLossDoesNotDependOnTheShapeOfTheSchedule() {
        // unit Gaussian, analytic denoiser ẑ = α z_t: E‖ε − ε̂‖² = α², so the loss is ∫ ½ sigmoid(λ) dλ
        double expected = 0.5 * (softplus(5) - softplus(-10));
        for (NoiseSchedule schedule : List.of(new CosineSchedule(5, -10, 0), new LinearSchedule(5, -10))) {
            double loss = 0;
            int n = 200_000;
            for (int i = 0; i < n; i++) {
                NoiseLevel level = schedule.at((i + 0.5) / n);
                loss += epsilonWeight(level, Weighting.elbo()) * level.alpha() * level.alpha() / n;
            }
            assertThat(loss).isCloseTo(expected, within(1e-6)); // midpoint rule, error ~ f″/(24 n²)
        }
        assertThat(expected).isCloseTo(2.5033, within(1e-4)); // the value the paper's bound rests on: 3.61 bits
    }

    /** The weight of ‖ε − ε̂‖², by definition. */
    private static double epsilonWeight(NoiseLevel level, Weighting weighting) {
        return -level.slope() / 2 * weighting.at(level.logSnr());
    }

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    @Test
    void stratifiedTimesHaveOneInEachPart() {
        int n = 64;
        double[] times = StratifiedTimes.of(n, 42);
        assertThat(times).containsExactly(StratifiedTimes.of(n, 42));
        boolean[] seen = new boolean[n];
        for (double time : times) {
            assertThat(time).isBetween(0.0, 1.0);
            seen[(int) (time * n)] = true;
        }
        assertThat(seen).doesNotContain(false);
        assertThat(times).isNotEqualTo(StratifiedTimes.of(n, 43));
    }
}
