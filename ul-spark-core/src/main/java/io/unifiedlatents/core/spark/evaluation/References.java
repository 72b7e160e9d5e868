package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.lease.Lease;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureSet;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.metrics.features.StatisticsManifest;
import io.unifiedlatents.core.metrics.picture.NpzPictures;
import io.unifiedlatents.core.metrics.picture.PictureSets;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.Npz;
import io.unifiedlatents.core.spark.cluster.LeasedWork;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/** Reference statistics: made once and stored, or found where and in whatever form they are. */
public final class References {
    /** Groups whose statistics are merged by as many tasks. */
    private static final int GROUPS = 16;

    private References() {}

    /**
     * Makes statistics of a set under {@code evaluate.detector} and stores them, with the features.
     *
     * @param location data set or .npz file of pictures
     * @param limit pictures or clips taken, from the first on; 0 for all
     * @param directory where they go; what was there is replaced
     * @param terms of the lease of that directory
     * @return what was stored
     * @throws io.unifiedlatents.core.lease.LeaseException if another job writes there
     */
    public static StatisticsManifest make(
            JavaSparkContext spark, RunConfig config, String location, int limit, Storage directory, LeaseTerms terms)
            throws IOException, InterruptedException {
        return LeasedWork.run(spark, directory, terms, lease -> make(spark, config, location, limit, directory, lease));
    }

    private static StatisticsManifest make(
            JavaSparkContext spark, RunConfig config, String location, int limit, Storage directory, Lease lease)
            throws IOException {
        Configuration hadoop = spark.hadoopConfiguration();
        Measurement measurement = Measurement.of(config.evaluate(), hadoop);
        PictureSet set = PictureSets.open(location, limit, config.evaluate().batch(), hadoop);
        directory.delete(StatisticsManifest.NAME); // until it is whole again
        for (String file : directory.list()) {
            if (file.endsWith(".npy")) {
                directory.delete(file); // features of a set that may have been larger
            }
        }
        FeatureSet features = FeatureTask.run(spark, config, set, limit, directory.toString());
        FeatureStats stats = statistics(spark, features, FeatureSet.FEATURES);
        Map<String, Npy> arrays = new TreeMap<>(stats.gaussian().arrays(Gaussian.Kind.FEATURES));
        if (features.has(FeatureSet.SPATIAL)) {
            FeatureStats spatial = statistics(spark, features, FeatureSet.SPATIAL);
            arrays.putAll(spatial.gaussian().arrays(Gaussian.Kind.SPATIAL));
        }
        ByteArrayOutputStream npz = new ByteArrayOutputStream();
        Npz.writeStored(npz, arrays);
        lease.fence().check();
        directory.publish(StatisticsManifest.ARRAYS, npz.toByteArray());
        StatisticsManifest manifest = new StatisticsManifest(
                StatisticsManifest.FORMAT_VERSION,
                set.location(),
                set.hash(),
                set.count(),
                measurement.card(set.frames()),
                features.rows(),
                stats.count(),
                stats.dimensions(),
                Hashes.sha256(npz.toByteArray()));
        directory.publish(StatisticsManifest.NAME, manifest.toJson());
        return manifest;
    }

    /**
     * The reference that {@code evaluate.reference} names: stored statistics, a .npz file, or a data set whose features
     * are made now.
     *
     * @param frames of what is judged
     * @param work directory for features made now
     */
    static Reference open(JavaSparkContext spark, RunConfig config, Measurement measurement, int frames, Storage work)
            throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Configuration hadoop = spark.hadoopConfiguration();
        String location = evaluate.reference().isEmpty() ? config.data().validation() : evaluate.reference();
        if (NpzPictures.isNpz(location)) {
            return ofFile(spark, config, location, work);
        }
        Storage directory = Storage.at(location, hadoop);
        if (directory.exists(StatisticsManifest.NAME)) {
            return stored(directory, measurement.card(frames), hadoop);
        }
        PictureSet set = PictureSets.open(location, 0, evaluate.batch(), hadoop);
        FeatureSet features = FeatureTask.run(spark, config, set, 0, work.toString());
        return new Reference(location, set.hash(), set.count(), null, null, features);
    }

    private static Reference stored(Storage directory, Map<String, Object> measurement, Configuration hadoop)
            throws IOException {
        String where = directory.path(StatisticsManifest.NAME).toString();
        StatisticsManifest manifest = StatisticsManifest.fromJson(directory.readText(StatisticsManifest.NAME), where);
        Check.setting(
                alike(manifest.measurement(), measurement),
                "%s were measured by %s, this evaluation measures by %s; make them again with these settings",
                where,
                manifest.measurement(),
                measurement);
        try (InputStream npz = directory.open(StatisticsManifest.ARRAYS)) {
            String sha256 = Hashes.content(npz).sha256();
            if (!sha256.equals(manifest.sha256())) {
                throw new CorruptDataException("%s has SHA-256 %s, not %s as %s says; make the statistics again"
                        .formatted(directory.path(StatisticsManifest.ARRAYS), sha256, manifest.sha256(), where));
            }
        }
        Path arrays = directory.path(StatisticsManifest.ARRAYS);
        return new Reference(
                manifest.source(),
                manifest.sourceHash(),
                manifest.count(),
                Gaussian.read(arrays, hadoop, Gaussian.Kind.FEATURES, manifest.vectors()),
                Gaussian.read(arrays, hadoop, Gaussian.Kind.SPATIAL, manifest.vectors()),
                manifest.rows().isEmpty() ? null : new FeatureSet(directory.toString(), manifest.rows()));
    }

    /** Numbers come back from JSON in other types; what the detector's file is called makes no difference. */
    private static boolean alike(Map<String, Object> a, Map<String, Object> b) {
        Map<String, Object> one = new TreeMap<>(a);
        Map<String, Object> other = new TreeMap<>(b);
        one.remove(Measurement.DETECTOR);
        other.remove(Measurement.DETECTOR);
        return one.toString().equals(other.toString());
    }

    /** Others' statistics, pictures, or both as ADM's reference batches have them. */
    private static Reference ofFile(JavaSparkContext spark, RunConfig config, String file, Storage work)
            throws IOException {
        Configuration hadoop = spark.hadoopConfiguration();
        Gaussian gaussian = Gaussian.read(new Path(file), hadoop, Gaussian.Kind.FEATURES, Gaussian.UNKNOWN);
        Gaussian spatial = Gaussian.read(new Path(file), hadoop, Gaussian.Kind.SPATIAL, Gaussian.UNKNOWN);
        FeatureSet features = null;
        long count = Gaussian.UNKNOWN;
        if (NpzPictures.areIn(file, hadoop)) {
            PictureSet set = PictureSets.open(file, 0, config.evaluate().batch(), hadoop);
            features = FeatureTask.run(spark, config, set, 0, work.toString());
            count = gaussian == null ? set.count() : count;
        }
        Check.setting(
                gaussian != null || features != null,
                "%s has neither mu and sigma nor arr_0; name a file of statistics or of pictures",
                file);
        try (InputStream in = new Path(file).getFileSystem(hadoop).open(new Path(file))) {
            return new Reference(file, Hashes.content(in).sha256(), count, gaussian, spatial, features);
        }
    }

    private static FeatureStats statistics(JavaSparkContext spark, FeatureSet features, String kind) {
        int groups = Math.min(GROUPS, features.of(kind).units());
        return FeatureRun.merged(new FeatureFigures(spark).statistics(features.of(kind), groups));
    }
}
