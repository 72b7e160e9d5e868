package io.unifiedlatents.core.metrics.features;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.NpzFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** Mean and covariance of a set of features: all that a Fréchet distance knows of it. */
public final class Gaussian implements Serializable {
    /** The count of a set whose file does not tell it. */
    public static final long UNKNOWN = 0;

    private static final long serialVersionUID = 1;
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

    /** The features that statistics in a .npz file belong to. */
    public enum Kind {
        /** {@code mu} and {@code sigma}, as ADM, EDM, pytorch-fid and clean-fid publish them. */
        FEATURES("mu", "sigma"),
        /** {@code mu_s} and {@code sigma_s}, of spatial features, as ADM publishes them. */
        SPATIAL("mu_s", "sigma_s");

        private final String mean;
        private final String covariance;

        Kind(String mean, String covariance) {
            this.mean = mean;
            this.covariance = covariance;
        }
    }

    /**
     * Reads the statistics of a .npz file.
     *
     * @param count vectors they were made of, or {@link #UNKNOWN}: the file does not say
     * @return null where it has neither array
     * @throws io.unifiedlatents.core.config.ConfigException if they are of other shapes
     */
    public static @Nullable Gaussian read(Path file, Configuration hadoop, Kind kind, long count) throws IOException {
        try (NpzFile npz = new NpzFile(file, hadoop)) {
            if (!npz.names().contains(kind.mean) && !npz.names().contains(kind.covariance)) {
                return null;
            }
            Npy mean = npz.read(kind.mean);
            Npy covariance = npz.read(kind.covariance);
            int d = mean.shape().length == 1 ? mean.shape()[0] : 0;
            int[] shape = covariance.shape();
            Check.setting(
                    d > 0 && shape.length == 2 && shape[0] == d && shape[1] == d,
                    "%s: %s and %s have shapes %s and %s; needed are (d) and (d, d)",
                    file,
                    kind.mean,
                    kind.covariance,
                    java.util.Arrays.toString(mean.shape()),
                    java.util.Arrays.toString(shape));
            return new Gaussian(count, mean.doubles(), covariance.doubles());
        }
    }

    /** Its arrays for {@link io.unifiedlatents.core.numpy.Npz#writeStored}. */
    public Map<String, Npy> arrays(Kind kind) {
        return Map.of(
                kind.mean, Npy.of(mean, mean.length),
                kind.covariance, Npy.of(covariance, mean.length, mean.length));
    }

    /** Vectors it was fitted to, or {@link #UNKNOWN}. */
    public long count() {
        return count;
    }

    /** Length of the mean. */
    public int dimensions() {
        return mean.length;
    }

    public double[] mean() {
        return mean;
    }

    public double[] covariance() {
        return covariance;
    }
}
