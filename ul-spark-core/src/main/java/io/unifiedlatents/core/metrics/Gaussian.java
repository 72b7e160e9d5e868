package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Mean and covariance of a set of features: all that a Fréchet distance knows of it. */
public final class Gaussian implements Serializable {
    /** The count of a set whose file does not tell it. */
    public static final long UNKNOWN = 0;

    private static final long serialVersionUID = 1;
    private static final String MEAN = "mu";
    private static final String COVARIANCE = "sigma";

    private final long count;
    private final double[] mean;
    private final double[] covariance;

    /**
     * Takes the arrays as they are, without a copy.
     *
     * @param count vectors it was fitted to, or {@link #UNKNOWN}
     * @param mean of d numbers
     * @param covariance of d x d numbers, row-major, symmetric
     */
    public Gaussian(long count, double[] mean, double[] covariance) {
        Check.argument(
                covariance.length == (long) mean.length * mean.length,
                "a covariance of %d numbers does not belong to a mean of %d",
                covariance.length,
                mean.length);
        this.count = count;
        this.mean = mean;
        this.covariance = covariance;
    }

    /**
     * Reads {@code mu} and {@code sigma} of a .npz file, as ADM, EDM, pytorch-fid and clean-fid publish them.
     *
     * @param file its name, for messages
     * @throws io.unifiedlatents.core.config.ConfigException if they are missing or of other shapes
     */
    public static Gaussian read(InputStream in, String file) throws IOException {
        Map<String, Npy> arrays = Npz.read(in, file, Set.of(MEAN, COVARIANCE));
        Npy mean = Objects.requireNonNull(arrays.get(MEAN));
        Npy covariance = Objects.requireNonNull(arrays.get(COVARIANCE));
        int d = mean.shape().length == 1 ? mean.shape()[0] : 0;
        int[] shape = covariance.shape();
        Check.setting(
                d > 0 && shape.length == 2 && shape[0] == d && shape[1] == d,
                "%s: mu and sigma have shapes %s and %s; needed are (d) and (d, d)",
                file,
                java.util.Arrays.toString(mean.shape()),
                java.util.Arrays.toString(shape));
        return new Gaussian(UNKNOWN, mean.doubles(), covariance.doubles());
    }

    /** {@code mu} and {@code sigma} for {@link Npz#writeStored}. */
    public Map<String, Npy> arrays() {
        return Map.of(MEAN, Npy.of(mean, mean.length), COVARIANCE, Npy.of(covariance, mean.length, mean.length));
    }

    /** Vectors it was fitted to, or {@link #UNKNOWN}. */
    public long count() {
        return count;
    }

    /** Length of the mean. */
    public int dimensions() {
        return mean.length;
    }

    double[] mean() {
        return mean;
    }

    double[] covariance() {
        return covariance;
    }
}
