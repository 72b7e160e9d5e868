package io.unifiedlatents.core.spark.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.metrics.distance.FrechetAtInfinity;
import io.unifiedlatents.core.metrics.distance.FrechetDistance;
import io.unifiedlatents.core.metrics.distance.InMemory;
import io.unifiedlatents.core.metrics.distance.PrecisionRecall;
import io.unifiedlatents.core.metrics.distance.ReferenceFloor;
import io.unifiedlatents.core.metrics.features.FeatureRun;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.metrics.features.StoredFeatures;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cluster's figures are those of a single pass in memory, to the bit, in however many partitions. */
class FeatureFiguresTest {
    private static final int DIMENSIONS = 6;
    private static final List<Integer> UNITS = List.of(400, 1, 0, 777, 500, 300, 450, 2, 600, 333, 811); // 4,174
    private static final int COUNT = UNITS.stream().mapToInt(n -> n).sum();
    private static final Gaussian STANDARD = FeatureStats.of(normal(3000, 0, 9)).gaussian();

    @TempDir
    private static Path directory;

    private static JavaSparkContext spark;
    private static StoredFeatures real;
    private static StoredFeatures made;
    private static final float[][] REAL = normal(COUNT, 0, 1);
    private static final float[][] MADE = normal(COUNT, 0.7, 2);

    private static float[][] normal(int count, double mean, long seed) {
        Random random = new Random(seed);
        float[][] rows = new float[count][DIMENSIONS];
        for (float[] row : rows) {
            for (int i = 0; i < DIMENSIONS; i++) {
                row[i] = (float) (mean + random.nextGaussian());
            }
        }
        return rows;
    }

    @BeforeAll
    static void start() throws IOException {
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("test")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false"));
        real = stored("real", REAL);
        made = stored("made", MADE);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static StoredFeatures stored(String kind, float[][] vectors) throws IOException {
        Storage storage = Storage.at(directory.toString(), new Configuration());
        int first = 0;
        for (int unit = 0; unit < UNITS.size(); unit++) {
            StoredFeatures.write(storage, kind, unit, Arrays.asList(vectors).subList(first, first + UNITS.get(unit)));
            first += UNITS.get(unit);
        }
        return new StoredFeatures(directory.toString(), kind, UNITS);
    }

    private static FeatureFigures in(int partitions) {
        return new FeatureFigures(spark, partitions);
    }

    /** Chosen rows added up as documented: runs of four units within each group, runs and groups merged in order. */
    private static List<FeatureStats> expected(float[][] rows, BitSet chosen, int groups) {
        List<FeatureStats> sums = new ArrayList<>();
        int row = 0;
        for (int g = 0; g < groups; g++) {
            FeatureStats group = new FeatureStats(DIMENSIONS);
            int end = UNITS.size() * (g + 1) / groups;
            for (int unit = UNITS.size() * g / groups; unit < end; ) {
                FeatureStats run = new FeatureStats(DIMENSIONS);
                for (int i = 0; i < 4 && unit < end; i++, unit++) {
                    for (int last = row + UNITS.get(unit); row < last; row++) {
                        if (chosen.get(row)) {
                            run.add(rows[row], 0);
                        }
                    }
                }
                group.merge(run);
            }
            sums.add(group);
        }
        return sums;
    }

    private static BitSet all() {
        BitSet all = new BitSet();
        all.set(0, COUNT);
        return all;
    }

    private static void assertSameBits(FeatureStats found, FeatureStats expected) {
        assertThat(found.count()).isEqualTo(expected.count());
        assertThat(found.mean()).containsExactly(expected.mean());
        assertThat(found.covariance()).containsExactly(expected.covariance());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void statisticsOfGroups(int partitions) {
        for (int groups : new int[] {1, 3}) {
            List<FeatureStats> found = in(partitions).statistics(real, groups);
            List<FeatureStats> expected = expected(REAL, all(), groups);
            assertThat(found).hasSize(groups);
            for (int g = 0; g < groups; g++) {
                assertSameBits(found.get(g), expected.get(g));
            }
            double[] whole = FeatureStats.of(REAL).covariance();
            double[] merged = FeatureRun.merged(found).covariance();
            for (int i = 0; i < whole.length; i++) {
                assertThat(merged[i]).isCloseTo(whole[i], within(1e-13)); // variances of 1 in another order
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void precisionRecall(int partitions) {
        PrecisionRecall found = in(partitions).precisionRecall(real, made, 3);
        assertThat(found).isEqualTo(InMemory.precisionRecall(REAL, MADE, 3));
        assertThat(found.precision()).isBetween(0.3, 0.95); // else it says nothing
        assertThat(found.recall()).isBetween(0.3, 0.95);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void kernelDistance(int partitions) {
        assertThat(in(partitions).kernelDistance(real, made, 19, 200, 5)) // in three tasks at most
                .isEqualTo(InMemory.kernelDistance(REAL, MADE, 19, 200, 5));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void inceptionScore(int partitions) {
        assertThat(in(partitions).inceptionScore(made, 10)).isEqualTo(InMemory.inceptionScore(MADE, 10));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void frechetAtInfinity(int partitions) {
        int points = 4;
        int[] sizes = FrechetAtInfinity.sizes(COUNT, 500, points);
        double[] distances = new double[points];
        for (int p = 0; p < points; p++) {
            BitSet subset = FrechetAtInfinity.subset(COUNT, sizes[p], p, 5);
            assertThat(subset.cardinality()).isEqualTo(sizes[p]);
            FeatureStats stats = expected(MADE, subset, 1).get(0);
            distances[p] = FrechetDistance.of(stats.gaussian(), STANDARD).value();
        }
        FrechetAtInfinity found = in(partitions).frechetAtInfinity(made, STANDARD, 500, points, 5);
        assertThat(found.distances()).containsExactly(distances);
        assertThat(found.counts()).containsExactly(500, 1724, 2949, 4174);
        assertThat(found.value())
                .isEqualTo(FrechetAtInfinity.fit(sizes, distances).value());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void floorOfTheReference(int partitions) {
        BitSet[] halves = ReferenceFloor.halves(COUNT, 1000, 5);
        assertThat(halves[0].cardinality()).isEqualTo(1000);
        assertThat(halves[1].cardinality()).isEqualTo(1000);
        assertThat(halves[0].intersects(halves[1])).isFalse();
        ReferenceFloor found = in(partitions).floor(real, 1000, 10, 100, 5);
        FeatureStats first = expected(REAL, halves[0], 1).get(0);
        FeatureStats second = expected(REAL, halves[1], 1).get(0);
        float[][][] rows = Arrays.stream(halves)
                .map(half -> half.stream().mapToObj(i -> REAL[i]).toArray(float[][]::new))
                .toArray(float[][][]::new);
        assertThat(found)
                .isEqualTo(new ReferenceFloor(
                        1000,
                        FrechetDistance.of(first.gaussian(), second.gaussian()),
                        InMemory.kernelDistance(rows[0], rows[1], 10, 100, 5)));
        // of one distribution: its bias is about 2 (d + d (d + 1) / 8) / n = 0.02
        assertThat(found.frechet().value()).isBetween(0.0, 0.04);
    }

    @Test
    void floorTakesNoMoreThanHalf() {
        ReferenceFloor found = in(2).floor(real, 1_000_000, 0, 1000, 5);
        assertThat(found.count()).isEqualTo(COUNT / 2);
        assertThat(found.kernel()).isNull();
    }

    @Test
    void errorsNameTheWayOut() {
        assertThatThrownBy(() -> in(2).statistics(real, UNITS.size())) // one group would be the empty unit
                .isInstanceOf(ConfigException.class)
                .hasMessage("only 10 of 11 groups of units have vectors; take fewer groups");
        assertThatThrownBy(() -> in(2).statistics(real, 12))
                .isInstanceOf(ConfigException.class)
                .hasMessage("11 units of features cannot be put in 12 groups; take 1 or more, and no more than units");
        assertThatThrownBy(() -> in(2).inceptionScore(made, COUNT + 1)).isInstanceOf(ConfigException.class);
    }
}
