package io.unifiedlatents.tests.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.ClipRow;
import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardPictures;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.metrics.features.StatisticsManifest;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.Npz;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.report.Figure;
import io.unifiedlatents.core.spark.evaluation.Evaluator;
import io.unifiedlatents.core.spark.evaluation.References;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.tests.LocalSpark;
import io.unifiedlatents.tests.RandomDetector;
import io.unifiedlatents.tests.TinyRun;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples that are there already against references in all their forms. */
class EvaluationTest {
    private static final int SIDE = 16;

    @TempDir
    private static Path directory;

    /** The 137 training pictures of the quickstart, in row groups of 8, and a random detector of 6 features. */
    @BeforeAll
    static void prepare() throws Exception {
        try (SparkSession session = session("local[2]")) {
            Preparation.images(session, config().prepare()).run(LeaseTerms.DEFAULT);
        }
        RandomDetector.write(directory.resolve("tiny.pt"), SIDE, SIDE);
    }

    private static SparkSession session(String master) {
        return LocalSpark.session(master, "evaluation").getOrCreate();
    }

    private static RunConfig config(String... overrides) {
        List<String> all = new ArrayList<>(List.of(
                "prepare={rowGroupRows: 8, rowsPerShard: 40}",
                "evaluate={samples: " + directory + "/data/train, reference: " + directory + "/data/train}",
                "evaluate.detector.file=" + directory + "/tiny.pt",
                "evaluate.distances={kernelSubsets: 4, kernelSubsetSize: 50, neighbours: 3}",
                "evaluate.distances={jackknifeGroups: 4, infinityPoints: 5}"));
        all.addAll(List.of(overrides));
        return TinyRun.config(directory, "run", all.toArray(String[]::new));
    }

    private static EvaluationReport evaluate(String master, String... overrides) throws Exception {
        try (SparkSession session = session(master)) {
            return Evaluator.evaluate(
                    JavaSparkContext.fromSparkContext(session.sparkContext()), config(overrides), LeaseTerms.DEFAULT);
        }
    }

    private static Figure figure(EvaluationReport report, String name) {
        return Objects.requireNonNull(report.figure(name), () -> name + " of " + report.figures());
    }

    private static PictureSet pictures(String split) throws Exception {
        return new ShardPictures(
                Dataset.open(Storage.at(directory.resolve("data").resolve(split).toString(), new Configuration())),
                0,
                16);
    }

    /** The training pictures changed one by one, as a .npz file. */
    private static String changed(String name, UnaryOperator<byte[]> change) throws Exception {
        PictureSet set = pictures("train");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int unit = 0; unit < set.rows().size(); unit++) {
            set.read(unit, (id, picture) -> bytes.write(change.apply(picture.pixels())));
        }
        Path file = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            Npz.writeStored(out, Map.of("arr_0", Npy.of(bytes.toByteArray(), set.count(), SIDE, SIDE, 3)));
        }
        return file.toString();
    }

    private static byte[] noisy(byte[] pixels, int deviation, SplittableRandom random) {
        byte[] noisy = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            long value = Math.round((pixels[i] & 0xff) + deviation * random.nextGaussian());
            noisy[i] = (byte) Math.max(0, Math.min(255, value));
        }
        return noisy;
    }

    @Test
    void aSetAgainstItselfIsAtZeroAndOthersAreFurtherTheMoreTheyAreChanged() throws Exception {
        EvaluationReport same = evaluate("local[2]");
        assertThat(same.card().measured()).containsEntry("count", 137L).containsEntry("referenceCount", 137L);
        assertThat(figure(same, "frechet(tiny)").value()).isCloseTo(0, within(1e-12)); // float64, values of order 1
        assertThat(figure(same, "precision(tiny)").value()).isEqualTo(1);
        assertThat(figure(same, "coverage(tiny)").value()).isEqualTo(1);
        assertThat(figure(same, "frechet(tiny) floor").value()).isPositive();
        assertThat(figure(same, "frechet(tiny) at infinity").standardError()).isNotNull();
        double before = 0;
        for (int deviation : new int[] {10, 40, 120}) {
            SplittableRandom random = new SplittableRandom(deviation);
            String samples = changed("noise" + deviation + ".npz", pixels -> noisy(pixels, deviation, random));
            double distance = figure(evaluate("local[2]", "evaluate.samples=" + samples), "frechet(tiny)")
                    .value();
            assertThat(distance).as("noise of deviation %d", deviation).isGreaterThan(before);
            before = distance;
        }
    }

    @Test
    void figuresHaveTheSameBitsInAnyNumberOfPartitions() throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        String samples = "evaluate.samples=" + changed("some.npz", pixels -> noisy(pixels, 30, random));
        EvaluationReport one = evaluate("local[1]", samples);
        assertThat(one.figures()).hasSizeGreaterThan(7);
        assertThat(evaluate("local[2]", samples).figures()).isEqualTo(one.figures());
        assertThat(evaluate("local[7]", samples).figures()).isEqualTo(one.figures());
    }

    @Test
    void storedStatisticsServeAsTheSetTheyAreOf() throws Exception {
        String output = directory.resolve("statistics").toString();
        String validation = "evaluate.samples=" + directory.resolve("data/validation");
        List<String> small = List.of(validation, "evaluate.distances.kernelSubsetSize=5");
        EvaluationReport direct = evaluate("local[2]", small.toArray(new String[0]));
        try (SparkSession session = session("local[2]")) {
            JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
            Storage target = Storage.at(output, spark.hadoopConfiguration());
            target.publish("features-00200.npy", "of a larger set that was here before");
            StatisticsManifest made =
                    References.make(spark, config(), config().data().train(), 0, target, LeaseTerms.DEFAULT);
            assertThat(target.exists("features-00200.npy")).isFalse();
            assertThat(made.count()).isEqualTo(137);
            assertThat(made.sourceHash()).isEqualTo(pictures("train").hash());
        }
        List<String> stored = new ArrayList<>(small);
        stored.add("evaluate.reference=" + output);
        EvaluationReport again = evaluate("local[2]", stored.toArray(new String[0]));
        assertThat(again.card().measured().get("referenceHash"))
                .isEqualTo(direct.card().measured().get("referenceHash"));
        for (Figure figure : direct.figures()) { // its statistics were merged in other groups: float64 rounding
            assertThat(figure(again, figure.name()).value())
                    .as(figure.name())
                    .isCloseTo(figure.value(), within(1e-9 * (1 + Math.abs(figure.value()))));
        }
        // the detector is known by its bytes, whatever it is called
        Path renamed = Files.copy(directory.resolve("tiny.pt"), directory.resolve("renamed.pt"));
        stored.add("evaluate.detector.file=" + renamed);
        assertThat(figure(evaluate("local[2]", stored.toArray(new String[0])), "frechet(renamed)")
                        .value())
                .isEqualTo(figure(again, "frechet(tiny)").value());
        stored.remove(3);
        // others' files hold the statistics alone
        stored.set(2, "evaluate.reference=" + output + "/statistics.npz");
        EvaluationReport alone = evaluate("local[2]", stored.toArray(new String[0]));
        assertThat(figure(alone, "frechet(tiny)").value())
                .isEqualTo(figure(again, "frechet(tiny)").value());
        assertThat(alone.figure("precision(tiny)")).isNull();
        assertThat(alone.warnings())
                .anyMatch(warning -> warning.contains("of the reference only statistics are known"));

        assertThatThrownBy(() -> evaluate(
                        "local[2]",
                        "evaluate.reference=" + output,
                        "evaluate.detector.resize=pillow-bicubic",
                        "evaluate.detector.side=16"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("pillow-bicubic")
                .hasMessageContaining("make them again");
    }

    /** Clips of 6 frames, each the picture before it moved by a pixel, as stored by PrepareVideos. */
    private static String clips(String name, int step) throws Exception {
        Storage storage = Storage.at(directory.resolve(name).toString(), new Configuration());
        ShardFooter footer = new ShardFooter("none", Encoding.PNG, List.of("clip"), "c0");
        PictureSet set = pictures("train");
        try (ShardWriter<ClipRow> writer = ShardWriter.clips(storage, "clips.parquet", RowGroupLimit.rows(7), footer)) {
            for (int unit = 0; unit < set.rows().size(); unit++) {
                set.read(unit, (id, picture) -> {
                    byte[] frames = new byte[6 * picture.pixels().length];
                    for (int i = 0; i < frames.length; i++) {
                        int frame = i / picture.pixels().length;
                        int from = i + 3 * step * frame;
                        frames[i] = picture.pixels()[from % picture.pixels().length];
                    }
                    byte[] png = Encoding.PNG.encode(new Rgb(SIDE, 6 * SIDE, frames));
                    ImageRow row = new ImageRow(id, png, 0, "clip", null, SIDE, SIDE, id, Hashes.sha256(png));
                    writer.write(new ClipRow(row, new ClipTiming(0, 0, 1, 25, 25, List.of(0.0))));
                });
            }
            ShardInfo info = writer.finish();
            Dataset.publish(
                    storage, DatasetManifest.clips(new SampleShape(6, SIDE, SIDE, 3), footer, 5, List.of(info)));
        }
        return directory.resolve(name).toString();
    }

    @Test
    void clipsAreJudgedWholeOrFrameByFrame() throws Exception {
        String still = clips("still", 0);
        String moving = clips("moving", 2);
        Path i3d = Path.of("../ul-spark-core/src/test/resources/metrics/detectors/i3d.pt");
        List<String> settings = List.of(
                "evaluate.samples=" + moving,
                "evaluate.reference=" + still,
                "evaluate.clips.frames=5",
                "evaluate.clips.conditioningFrames=2",
                "evaluate.clips.folds=2",
                "evaluate.batch=8");
        List<String> whole = new ArrayList<>(settings);
        whole.add("evaluate.detector.file=" + i3d.toAbsolutePath().normalize());
        whole.add("evaluate.detector.resize=torch-bilinear");
        whole.add("evaluate.detector.side=8");
        EvaluationReport clips = evaluate("local[2]", whole.toArray(new String[0]));
        assertThat(clips.card().measured())
                .containsEntry("frames", 5L)
                .containsEntry("conditioningFrames", 2L)
                .containsEntry("resizedSide", 8L);
        Figure distance = figure(clips, "frechet(i3d)");
        assertThat(distance.value()).isPositive();
        assertThat(distance.note()).startsWith("137 against 137 vectors");
        assertThat(figure(clips, "frechet(i3d) of a fold").note()).startsWith("mean of 2 folds");

        EvaluationReport frames = evaluate("local[2]", settings.toArray(new String[0]));
        assertThat(figure(frames, "frechet(tiny)").note()).startsWith("411 against 411 vectors"); // 3 of each clip
    }
}
