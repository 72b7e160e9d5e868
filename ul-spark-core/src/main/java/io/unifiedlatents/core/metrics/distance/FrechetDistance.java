package io.unifiedlatents.core.metrics.distance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.torchscript.Archive;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Graph;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;

/**
 * Fréchet distance of two Gaussians, ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½) (Heusel et al. 2017, Eq. 6), in float64.
 *
 * <p>With Σₖ = Qₖ Λₖ Qₖᵀ, tr (Σ₁ Σ₂)^½ = tr (Σ₁^½ Σ₂ Σ₁^½)^½ is the sum of the singular values of Λ₁^½ Q₁ᵀ Q₂ Λ₂^½: no
 * complex numbers, no matrix root that fails on singular covariances, and small values as exact as large ones, where
 * roots of the eigenvalues of the product would keep half the digits. Computed on one thread, as the last digits would
 * depend on their number.
 *
 * @param value the distance; below 0 by no more than {@code error}
 * @param error estimate of the error of arithmetic in {@code value}: an eigenvalue of Σₖ is known to √d ε ‖Σₖ‖, or as
 *     far as the most negative one shows. Says nothing of the error from few samples, for which see
 *     {@link FrechetJackknife}
 */
public record FrechetDistance(double value, double error) {
    private static final double EPSILON = Math.ulp(1.0);

    /** The share of the largest eigenvalue below which a negative one cannot come from rounding. */
    private static final double NOT_A_COVARIANCE = 1e-5;

    /**
     * The distance between two sets of features.
     *
     * @throws io.unifiedlatents.core.config.ConfigException if a set has no more vectors than dimensions, or its matrix
     *     is no covariance
     */
    public static FrechetDistance of(Gaussian a, Gaussian b) {
        for (Gaussian set : new Gaussian[] {a, b}) {
            Check.setting(
                    set.count() == Gaussian.UNKNOWN || set.count() > set.dimensions(),
                    "the covariance of n=%d vectors in %d dimensions is singular, a Fréchet distance of it is mostly "
                            + "bias; use more than %d pictures",
                    set.count(),
                    set.dimensions(),
                    set.dimensions());
        }
        return evenIfSingular(a, b);
    }

    /**
     * The distance for any number of vectors. Of no more vectors than dimensions, only the order of distances at equal
     * counts means anything.
     */
    public static FrechetDistance evenIfSingular(Gaussian a, Gaussian b) {
        Check.setting(
                a.dimensions() == b.dimensions(),
                "features have %d dimensions here and %d there: two detectors",
                a.dimensions(),
                b.dimensions());
        try (Program program = Program.load(Archive.of(script(a.dimensions())), Device.cpu());
                NDManager manager = Torch.newManager(Device.cpu())) {
            NDList y = Torch.onOneThread(
                    () -> program.call("frechet", manager, covariance(manager, a), covariance(manager, b)));
            return of(
                    a,
                    b,
                    y.get(0).toDoubleArray(),
                    y.get(1).toDoubleArray(),
                    y.get(2).toDoubleArray());
        }
    }

    /** The value of {@link #evenIfSingular} for two sets of statistics. */
    public static double between(FeatureStats a, FeatureStats b) {
        return evenIfSingular(a.gaussian(), b.gaussian()).value();
    }

    /** The distance from the eigenvalues of both covariances, ascending, and the singular values of their roots. */
    private static FrechetDistance of(Gaussian a, Gaussian b, double[] first, double[] second, double[] singular) {
        double meanSquares = 0;
        double traces = 0;
        double roots = 0;
        double error = 0;
        for (int i = 0; i < singular.length; i++) {
            double difference = a.mean()[i] - b.mean()[i];
            meanSquares += difference * difference;
            error += 2 * EPSILON * Math.abs(difference) * (Math.abs(a.mean()[i]) + Math.abs(b.mean()[i]));
            traces += a.covariance()[i * singular.length + i] + b.covariance()[i * singular.length + i];
            roots += singular[i];
        }
        // Weyl: each eigenvalue of Σ₁^½ Σ₂ Σ₁^½ moves by at most this
        double move = uncertainty(first) * largest(second) + uncertainty(second) * largest(first);
        for (double root : singular) {
            error += root * root > move ? move / root : Math.sqrt(move); // 2 |√(r² ± move) − r|, to a factor of 2
        }
        error += EPSILON * singular.length * (meanSquares + traces);
        return new FrechetDistance(meanSquares + traces - 2 * roots, error);
    }

    /** The largest distance of an eigenvalue from that of the true covariance. */
    private static double uncertainty(double[] ascending) {
        double largest = largest(ascending);
        Check.setting(
                ascending[0] >= -NOT_A_COVARIANCE * largest,
                "a matrix with eigenvalues from %s to %s is no covariance; make the statistics again, in float64",
                ascending[0],
                largest);
        return Math.max(EPSILON * Math.sqrt(ascending.length) * largest, -2 * ascending[0]);
    }

    private static double largest(double[] ascending) {
        return Math.max(ascending[ascending.length - 1], 0);
    }

    private static NDArray covariance(NDManager manager, Gaussian set) {
        return manager.create(set.covariance(), new Shape(set.dimensions(), set.dimensions()));
    }

    private static Graph script(int dimensions) {
        Graph graph = new Graph("frechet", new ParameterLayout(), DType.FLOAT32);
        List<Value> first =
                graph.input("s1", DType.FLOAT64, dimensions, dimensions).eigh();
        List<Value> second =
                graph.input("s2", DType.FLOAT64, dimensions, dimensions).eigh();
        Value rows = root(first.get(0)).reshape(dimensions, 1);
        Value between = first.get(1).permute(1, 0).matmul(second.get(1));
        Value product = between.mul(rows).mul(root(second.get(0)));
        graph.output(first.get(0), second.get(0), product.singularValues());
        return graph;
    }

    /** Roots of eigenvalues; of those that are only rounding, which would add up, zero. */
    private static Value root(Value values) {
        Value rounding = values.max(0).mul(EPSILON * Math.sqrt((double) values.extent(0)));
        return values.gt(rounding).where(values, values.filledWith(0)).relu().sqrt();
    }
}
