package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.DistancesConfig;
import io.unifiedlatents.core.metrics.distance.FrechetAtInfinity;
import io.unifiedlatents.core.metrics.distance.FrechetDistance;
import io.unifiedlatents.core.metrics.distance.FrechetJackknife;
import io.unifiedlatents.core.metrics.distance.InceptionScore;
import io.unifiedlatents.core.metrics.distance.KernelDistance;
import io.unifiedlatents.core.metrics.distance.PrecisionRecall;
import io.unifiedlatents.core.metrics.distance.ReferenceFloor;
import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureSet;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.metrics.features.StoredFeatures;
import io.unifiedlatents.core.report.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** All figures that a config wants of the features of what is judged and of its reference. */
final class FeatureComparison {
    private final FeatureFigures cluster;
    private final DistancesConfig config;
    private final long seed;
    private final FigureNames names;
    private final FeatureSet judged;
    private final Reference reference;
    private final List<Figure> figures = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** A comparison of a set with a reference, under the names that the detector gives to figures. */
    FeatureComparison(
            JavaSparkContext spark,
            DistancesConfig config,
            long seed,
            FigureNames names,
            FeatureSet judged,
            Reference reference) {
        this.cluster = new FeatureFigures(spark);
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

    /** The settings that figures depend on, for the evaluation card. */
    Map<String, Object> card() {
        Map<String, Object> card = new LinkedHashMap<>();
        if (config.kernelSubsets() > 0) {
            card.put("kernelSubsets", config.kernelSubsets());
            card.put("kernelSubsetSize", config.kernelSubsetSize());
        }
        if (config.neighbours() > 0) {
            card.put("neighbours", config.neighbours());
        }
        if (config.inceptionSplits() > 0) {
            card.put("inceptionSplits", config.inceptionSplits());
        }
        if (config.infinityPoints() > 0) {
            card.put("infinityPoints", config.infinityPoints());
        }
        return card;
    }

    /**
     * Measures.
     *
     * @param paired whether vector i of the reference belongs to vector i of what is judged, as an original does
     * @param folds parts of what is judged that are compared one by one, too; 1 for none
     */
    void measure(boolean paired, int folds) {
        Gaussian against = frechet(names.frechet(), FeatureSet.FEATURES, reference.gaussian(), paired);
        if (folds > 1) {
            folds(against, folds);
        }
        atInfinity(against);
        if (judged.has(FeatureSet.SPATIAL)) {
            if (reference.spatial() == null && reference.features() == null) {
                warnings.add(names.spatialFrechet() + " is not measured: the reference has no spatial statistics");
            } else {
                frechet(names.spatialFrechet(), FeatureSet.SPATIAL, reference.spatial(), paired);
            }
        }
        ofVectors();
        if (config.inceptionSplits() > 0 && judged.has(FeatureSet.LOGITS)) {
            InceptionScore score = cluster.inceptionScore(judged.of(FeatureSet.LOGITS), config.inceptionSplits());
            figures.add(Figure.of(names.inceptionScore(), score.mean())
                    .higherIsBetter()
                    .withNote("± %.3g over %d consecutive splits"
                            .formatted(score.standardDeviation(), config.inceptionSplits())));
        }
    }

    private Gaussian frechet(String name, String kind, @Nullable Gaussian given, boolean paired) {
        int groups =
                Math.max(1, Math.min(config.jackknifeGroups(), judged.of(kind).units()));
        List<FeatureStats> parts = cluster.statistics(judged.of(kind), groups);
        List<FeatureStats> others = given == null
                ? cluster.statistics(
                        Objects.requireNonNull(reference.features()).of(kind), paired ? groups : 1)
                : List.of();
        Gaussian all = FeatureRun.merged(parts).gaussian();
        Gaussian against = given == null ? FeatureRun.merged(others).gaussian() : given;
        FrechetDistance distance = FrechetDistance.evenIfSingular(all, against);
        Figure figure = Figure.of(name, distance.value()).lowerIsBetter();
        if (fewest(all, against) <= all.dimensions()) {
            warnings.add(("%s: the covariance of %,d vectors in %,d dimensions is singular; only the order of such"
                            + " distances at equal counts means anything, use more than %,d")
                    .formatted(name, fewest(all, against), all.dimensions(), all.dimensions()));
        } else if (groups > 1) {
            FrechetJackknife spread = paired && given == null
                    ? FrechetJackknife.ofPairs(distance.value(), parts, others)
                    : FrechetJackknife.of(distance.value(), parts, against);
            figure = figure.withStandardError(spread.standardError()).withInterval95(spread.low(), spread.high());
        }
        figures.add(figure.withNote("%,d against %s vectors of %,d dimensions, arithmetic error below %.1e"
                .formatted(all.count(), count(against), all.dimensions(), distance.error())));
        return against;
    }

    private static long fewest(Gaussian a, Gaussian b) {
        return b.count() == Gaussian.UNKNOWN ? a.count() : Math.min(a.count(), b.count());
    }

    private static String count(Gaussian set) {
        return set.count() == Gaussian.UNKNOWN ? "an untold number of" : "%,d".formatted(set.count());
    }

    /** Mean over the parts and its standard error: what MAGVIT prints after ± is √folds times that. */
    private void folds(Gaussian against, int folds) {
        double[] values = cluster.statistics(judged.of(FeatureSet.FEATURES), folds).stream()
                .mapToDouble(part ->
                        FrechetDistance.evenIfSingular(part.gaussian(), against).value())
                .toArray();
        double mean = 0;
        for (double value : values) {
            mean += value / folds;
        }
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        double deviation = Math.sqrt(squares / (folds - 1));
        figures.add(Figure.of(names.frechet() + " of a fold", mean)
                .lowerIsBetter()
                .withStandardError(deviation / Math.sqrt(folds))
                .withNote("mean of %d folds, standard deviation %.4g".formatted(folds, deviation)));
    }

    private void atInfinity(Gaussian against) {
        if (config.infinityPoints() == 0) {
            return;
        }
        StoredFeatures features = judged.of(FeatureSet.FEATURES);
        int smallest = Math.max(against.dimensions() + 1, features.count() / 10);
        if (smallest >= features.count()) {
            warnings.add("%s at infinity is not measured: it needs many times %,d vectors, there are %,d"
                    .formatted(names.frechet(), against.dimensions(), features.count()));
            return;
        }
        FrechetAtInfinity infinity =
                cluster.frechetAtInfinity(features, against, smallest, config.infinityPoints(), seed);
        figures.add(Figure.of(names.frechet() + " at infinity", infinity.value())
                .lowerIsBetter()
                .withStandardError(infinity.standardError())
                .withNote("line through %d subsets of %,d to %,d vectors"
                        .formatted(config.infinityPoints(), smallest, features.count())));
    }

    /** Figures that need the vectors of the reference, not its statistics alone. */
    private void ofVectors() {
        FeatureSet given = reference.features();
        if (given == null) {
            if (config.kernelSubsets() > 0 || config.neighbours() > 0 || config.floor()) {
                warnings.add("kernel distance, precision, recall, density, coverage and floor are not measured: of the"
                        + " reference only statistics are known");
            }
            return;
        }
        StoredFeatures generated = judged.of(FeatureSet.FEATURES);
        StoredFeatures real = given.of(FeatureSet.FEATURES);
        if (config.kernelSubsets() > 0) {
            int size = Math.min(config.kernelSubsetSize(), Math.min(generated.count(), real.count()));
            KernelDistance distance = cluster.kernelDistance(real, generated, config.kernelSubsets(), size, seed);
            figures.add(Figure.of(names.kernelDistance(), distance.mean())
                    .lowerIsBetter()
                    .withStandardError(distance.standardError())
                    .withNote("%d subsets of %,d vectors, standard deviation between them %.3g"
                            .formatted(config.kernelSubsets(), size, distance.standardDeviation())));
            if (size == Math.min(generated.count(), real.count())) {
                warnings.add(
                        "%s: subsets of %,d vectors are the whole set, so that its standard error says nothing; lower"
                                        .formatted(names.kernelDistance(), size)
                                + " evaluate.distances.kernelSubsetSize");
            }
        }
        if (config.neighbours() > 0) {
            PrecisionRecall found = cluster.precisionRecall(real, generated, config.neighbours());
            String note = "%d neighbours".formatted(config.neighbours());
            figures.add(Figure.of(names.of("precision"), found.precision())
                    .higherIsBetter()
                    .withNote(note));
            figures.add(Figure.of(names.of("recall"), found.recall())
                    .higherIsBetter()
                    .withNote(note));
            figures.add(Figure.of(names.of("density"), found.density())
                    .higherIsBetter()
                    .withNote(note));
            figures.add(Figure.of(names.of("coverage"), found.coverage())
                    .higherIsBetter()
                    .withNote(note));
        }
        if (config.floor() && real.count() > 3) {
            floor(real, generated.count());
        }
    }

    private void floor(StoredFeatures real, int wanted) {
        ReferenceFloor floor = cluster.floor(real, wanted, config.kernelSubsets(), config.kernelSubsetSize(), seed);
        String note = "between two sets of %,d vectors of the reference".formatted(floor.count())
                + (floor.count() < wanted ? ", which has no more; at %,d it would be lower".formatted(wanted) : "");
        figures.add(
                Figure.of(names.frechet() + " floor", floor.frechet().value()).withNote(note));
        KernelDistance kernel = floor.kernel();
        if (kernel != null) {
            figures.add(Figure.of(names.kernelDistance() + " floor", kernel.mean())
                    .withStandardError(kernel.standardError())
                    .withNote(note));
        }
    }
}
