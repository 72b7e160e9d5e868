package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.config.DistancesConfig;
import io.unifiedlatents.core.metrics.FeatureSet;
import io.unifiedlatents.core.metrics.FeatureStats;
import io.unifiedlatents.core.metrics.FrechetDistance;
import io.unifiedlatents.core.metrics.FrechetJackknife;
import io.unifiedlatents.core.metrics.Gaussian;
import io.unifiedlatents.core.report.Figure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** Figures made of the features of what is judged and of its reference. */
final class FeatureFigures {
    private final JavaSparkContext spark;
    private final Configuration hadoop;
    private final DistancesConfig config;
    private final long seed;
    private final FigureNames names;
    private final FeatureSet judged;
    private final Reference reference;
    private final List<Figure> figures = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /**
     * Of a set against a reference.
     *
     * @param names what figures are called under this detector
     */
    FeatureFigures(
            JavaSparkContext spark,
            DistancesConfig config,
            long seed,
            FigureNames names,
            FeatureSet judged,
            Reference reference) {
        this.spark = spark;
        this.hadoop = spark.hadoopConfiguration();
        this.config = config;
        this.seed = seed;
        this.names = names;
        this.judged = judged;
        this.reference = reference;
    }

    List<Figure> figures() {
        return figures;
    }

    List<String> warnings() {
        return warnings;
    }

    /**
     * Measures all that the config asks for.
     *
     * @param paired whether vector i of the reference belongs to vector i of what is judged, as an original does
     */
    void measure(boolean paired) throws IOException {
        frechet(names.frechet(), FeatureSet.FEATURES, reference.gaussian(), paired);
        if (judged.has(FeatureSet.SPATIAL)) {
            frechet(names.spatialFrechet(), FeatureSet.SPATIAL, reference.spatial(), paired);
        }
    }

    private void frechet(String name, String kind, @Nullable Gaussian known, boolean paired) throws IOException {
        int groups = Math.max(1, config.jackknifeGroups());
        List<FeatureStats> parts = Statistics.ranges(spark, judged, kind, groups);
        List<FeatureStats> referenceParts = known == null
                ? Statistics.ranges(spark, Objects.requireNonNull(reference.features()), kind, groups)
                : List.of();
        Gaussian all = Statistics.merged(parts).gaussian();
        Gaussian against = known == null ? Statistics.merged(referenceParts).gaussian() : known;
        FrechetDistance distance = FrechetDistance.evenIfSingular(all, against);
        Figure figure = Figure.of(name, distance.value()).lowerIsBetter();
        long fewest = against.count() == Gaussian.UNKNOWN ? all.count() : Math.min(all.count(), against.count());
        if (fewest <= all.dimensions()) {
            warnings.add(
                    "%s: the covariance of %,d vectors in %,d dimensions is singular; only the order of such distances at equal counts means anything, use more than %,d"
                            .formatted(name, fewest, all.dimensions(), all.dimensions()));
        } else if (config.jackknifeGroups() > 0) {
            FrechetJackknife spread = paired && known == null
                    ? FrechetJackknife.ofPairs(parts, referenceParts, groups)
                    : FrechetJackknife.of(parts, against, groups);
            figure = figure.withStandardError(spread.standardError()).withInterval95(spread.low(), spread.high());
        }
        figures.add(figure.withNote("%,d against %s vectors of %,d dimensions; arithmetic error below %.1e"
                .formatted(
                        all.count(),
                        against.count() == Gaussian.UNKNOWN ? "untold" : "%,d".formatted(against.count()),
                        all.dimensions(),
                        distance.error())));
    }
}
