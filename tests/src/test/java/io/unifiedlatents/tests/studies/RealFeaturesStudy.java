package io.unifiedlatents.tests.studies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.metrics.distance.FrechetDistance;
import io.unifiedlatents.core.metrics.features.FeatureSet;
import io.unifiedlatents.core.metrics.features.FeatureStats;
import io.unifiedlatents.core.metrics.features.StatisticsManifest;
import io.unifiedlatents.core.metrics.picture.PictureSets;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.Npz;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.report.Figure;
import io.unifiedlatents.core.spark.evaluation.Evaluator;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.tests.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fréchet distances on real features: those of 10,000 pictures of CIFAR-10 under ResNet-50, which ReferenceStatistics
 * made. Run with
 *
 * <pre>
 * mvn -pl tests -am test -Dtest.excluded= -Dtest=RealFeaturesStudy -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dul.statistics=(directory of the statistics) -Dul.detector=(resnet50.pt)
 * </pre>
 */
@Tag("study")
class RealFeaturesStudy {
    private static final int SIDE = 32;

    /** Changed pictures of each kind: more than the 2,048 dimensions. */
    private static final int CHANGED = 2100;

    private static Storage storage;
    private static StatisticsManifest manifest;

    @TempDir
    private Path directory;

    @BeforeAll
    static void open() throws Exception {
        String statistics = System.getProperty("ul.statistics", "");
        assumeTrue(!statistics.isEmpty(), "set -Dul.statistics to a directory that ReferenceStatistics wrote");
        storage = Storage.at(statistics, new Configuration());
        manifest = StatisticsManifest.fromJson(storage.readText(StatisticsManifest.NAME), StatisticsManifest.NAME);
    }

    private static FeatureStats statistics(int from, int to) throws IOException {
        FeatureStats stats = new FeatureStats(manifest.dimensions());
        new FeatureSet(storage.toString(), manifest.rows())
                .of(FeatureSet.FEATURES)
                .open(new Configuration())
                .forEach(from, to, (index, vector) -> stats.add(vector, 0));
        return stats;
    }

    @Test
    void distancesAreThoseOfScipy() throws Exception {
        assertThat(manifest.vectors()).isGreaterThanOrEqualTo(10_000);
        Map<String, int[]> cases = new LinkedHashMap<>();
        cases.put("halves", new int[] {0, 5000, 5000, 10_000});
        cases.put("all and a third", new int[] {0, 10_000, 0, 3333});
        cases.put("near singular", new int[] {0, 2100, 2100, 4200});
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/python3",
                Path.of("src/test/resources/studies/frechet.py")
                        .toAbsolutePath()
                        .toString(),
                java.net.URI.create(storage.toString()).getPath()));
        cases.values().forEach(c -> command.add(c[0] + ":" + c[1] + ":" + c[2] + ":" + c[3]));
        Process scipy = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> expected;
        try (var reader = scipy.inputReader()) {
            expected = reader.lines().toList();
        }
        assertThat(scipy.waitFor()).isZero();
        int i = 0;
        for (Map.Entry<String, int[]> each : cases.entrySet()) {
            int[] c = each.getValue();
            FrechetDistance ours = FrechetDistance.of(
                    statistics(c[0], c[1]).gaussian(), statistics(c[2], c[3]).gaussian());
            double theirs = Double.parseDouble(expected.get(i++));
            System.out.printf(
                    "%s: %.12g ± %.1e, SciPy %.12g, relative difference %.1e%n",
                    each.getKey(), ours.value(), ours.error(), theirs, Math.abs(ours.value() / theirs - 1));
            assertThat(ours.value()).as(each.getKey()).isCloseTo(theirs, within(1e-6 * theirs)); // as EDM's and ADM's
        }
        FrechetDistance same = FrechetDistance.of(
                statistics(0, 5000).gaussian(), statistics(0, 5000).gaussian());
        System.out.printf("identical: %.3g ± %.1e%n", same.value(), same.error());
        assertThat(same.value()).isCloseTo(0, within(same.error()));
    }

    @Test
    void realIsNearerThanBlurredThanNoisyThanUniform() throws Exception {
        String detector = System.getProperty("ul.detector", "");
        assumeTrue(!detector.isEmpty(), "set -Dul.detector to the resnet50.pt that ResNet50Test writes");
        SplittableRandom random = new SplittableRandom(1);
        Map<String, UnaryOperator<byte[]>> changes = new LinkedHashMap<>();
        changes.put("real", UnaryOperator.identity());
        changes.put("slight blur", RealFeaturesStudy::blurred);
        changes.put("noise", pixels -> noisy(pixels, random));
        changes.put("uniform", pixels -> uniform(pixels, random));
        double before = 0;
        try (SparkSession session = LocalSpark.session("local[2]", "study").getOrCreate()) {
            JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
            for (Map.Entry<String, UnaryOperator<byte[]>> change : changes.entrySet()) {
                Path samples = directory.resolve("samples.npz");
                write(samples, change.getValue());
                EvaluationReport report = Evaluator.evaluate(spark, config(detector, samples), LeaseTerms.DEFAULT);
                Figure distance = Objects.requireNonNull(report.figure("frechet(resnet50)"));
                System.out.printf("%s: %.4g%n", change.getKey(), distance.value());
                assertThat(distance.value()).as(change.getKey()).isGreaterThan(before);
                before = distance.value();
            }
        }
    }

    private RunConfig config(String detector, Path samples) {
        return ConfigLoader.load(
                "",
                "runDirectory: " + directory.resolve("run"),
                List.of(
                        "evaluate.samples=" + samples,
                        "evaluate.reference=" + storage,
                        "evaluate.batch=" + manifest.measurement().get("detectorBatch"),
                        "evaluate.detector.file=" + detector,
                        "evaluate.distances.jackknifeGroups=0",
                        "evaluate.distances.floor=false",
                        "compute.threads=1"));
    }

    /** Pictures of the set behind those of the statistics, changed. */
    private static void write(Path file, UnaryOperator<byte[]> change) throws Exception {
        int first = (int) manifest.count();
        var set = PictureSets.open(manifest.source(), first + CHANGED, 32, new Configuration());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int[] row = {0};
        for (int unit = 0; unit < set.rows().size(); unit++) {
            if (row[0] + set.rows().get(unit) <= first) {
                row[0] += set.rows().get(unit);
                continue;
            }
            set.read(unit, (id, picture) -> {
                if (row[0]++ >= first) {
                    bytes.write(change.apply(picture.pixels()));
                }
            });
        }
        try (OutputStream out = Files.newOutputStream(file)) {
            Npz.writeStored(out, Map.of("arr_0", Npy.of(bytes.toByteArray(), CHANGED, SIDE, SIDE, 3)));
        }
    }

    /** Mean of 3 x 3 pixels, the centre counting as much as its eight neighbours together. */
    private static byte[] blurred(byte[] pixels) {
        byte[] blurred = pixels.clone();
        for (int y = 1; y < SIDE - 1; y++) {
            for (int x = 1; x < SIDE - 1; x++) {
                for (int c = 0; c < 3; c++) {
                    int centre = (y * SIDE + x) * 3 + c;
                    int sum = 7 * (pixels[centre] & 0xff);
                    for (int dy = -1; dy <= 1; dy++) {
                        for (int dx = -1; dx <= 1; dx++) {
                            sum += pixels[centre + (dy * SIDE + dx) * 3] & 0xff;
                        }
                    }
                    blurred[centre] = (byte) Math.round(sum / 16.0);
                }
            }
        }
        return blurred;
    }

    private static byte[] noisy(byte[] pixels, SplittableRandom random) {
        byte[] noisy = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            long value = Math.round((pixels[i] & 0xff) + 25 * random.nextGaussian());
            noisy[i] = (byte) Math.max(0, Math.min(255, value));
        }
        return noisy;
    }

    private static byte[] uniform(byte[] pixels, SplittableRandom random) {
        byte[] uniform = new byte[pixels.length];
        random.nextBytes(uniform);
        return uniform;
    }
}
