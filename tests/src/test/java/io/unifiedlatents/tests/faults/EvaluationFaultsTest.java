package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.ShardPictures;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.report.Figure;
import io.unifiedlatents.core.spark.inference.Sampling;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.tests.RandomDetector;
import io.unifiedlatents.tests.TinyRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executors killed in the midst of real evaluations on a standalone cluster of two workers of one core: report, page
 * and grid must be those of the undisturbed evaluation, bit for bit. Prints a table. Run with
 *
 * <pre>
 * mvn -pl tests -am verify -Dtest.excluded= -Dsurefire.failIfNoSpecifiedTests=false -Dtest=EvaluationFaultsTest
 * </pre>
 */
@Tag("faults")
@Timeout(600)
class EvaluationFaultsTest {
    private static final int PORT = 27117;
    private static final int DETECTOR_SIDE = 1024; // so that a unit takes long enough to be killed in
    private static final String SHARDS = "samples-\\d+\\.parquet";
    private static final String FEATURES = "features-\\d+\\.npy";
    private static final Pattern LOST = Pattern.compile("Lost executor (\\d+) on ");
    private static final List<String> ROWS = new ArrayList<>();

    @TempDir
    private static Path directory;

    private static Cluster cluster;

    @BeforeAll
    static void trainATinyModel() throws Exception {
        RandomDetector.write(directory.resolve("tiny.pt"), DETECTOR_SIDE, DETECTOR_SIDE);
        cluster = Cluster.start(directory.resolve("cluster"), PORT, 2);
        for (String job : List.of("PrepareImages", "TrainLatents")) {
            Submission run = submit(job);
            assertThat(run.exitCode()).as(run.output()).isZero();
        }
    }

    @AfterEach
    void end() {
        cluster.endSubmissions();
    }

    @AfterAll
    static void stop() throws IOException {
        System.out.println("| evaluation | fault | seconds of the whole evaluation | outcome |\n|---|---|---|---|");
        ROWS.forEach(System.out::println);
        cluster.close();
    }

    /** Half of the 153 pictures are held out; the units of an evaluation are row groups of 4. */
    private static Submission submit(String job, String... more) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "prepare.holdoutFraction=0.5",
                "trainLatents.run.steps=20",
                "evaluate.batch=4",
                "evaluate.detector={resize: pillow-bicubic-uint8, side: " + DETECTOR_SIDE + "}",
                "evaluate.detector.file=" + directory.resolve("tiny.pt"),
                "evaluate.distances={kernelSubsets: 20, kernelSubsetSize: 20, neighbours: 3, inceptionSplits: 4}",
                "evaluate.distances={jackknifeGroups: 5, infinityPoints: 5}"));
        settings.addAll(List.of(more));
        List<String> options = TinyRun.options(directory, directory.resolve("run"), settings.toArray(String[]::new));
        return cluster.submit(job, List.of("--conf", "spark.cores.max=2"), options);
    }

    private static int units(String split) throws IOException {
        Storage data = Storage.at(directory.resolve("data").resolve(split).toString(), new Configuration());
        return new ShardPictures(Dataset.open(data), 0, 4).rows().size();
    }

    private static Path evaluation(String name) {
        return directory.resolve("run/evaluation").resolve(name);
    }

    private static String text(String name, String file) throws IOException {
        return Files.readString(evaluation(name).resolve(file));
    }

    private static EvaluationReport report(String name) throws IOException {
        return EvaluationReport.fromJson(text(name, EvaluationReport.FILE), name);
    }

    @Test
    void executorsKilledWhileReconstructionsAreJudged() throws Exception {
        // originals and reconstructions of each unit
        assertSameAfterKills(
                "reconstructions", 2 * units("validation"), List.of("psnr", "ssim", "mse", "bitsPerPixel"));
    }

    @Test
    void executorsKilledWhileSamplesAreJudged() throws Exception {
        assertSameAfterKills(
                "samples",
                units("train") + units("validation"),
                List.of(),
                "evaluate.samples=" + directory.resolve("data/train"),
                "evaluate.reference=" + directory.resolve("data/validation"));
    }

    @Test
    void executorAndDriverKilledWhileSamplesAreDrawn() throws Exception {
        String[] small = {"base.widths=[8, 16]", "base.blocks=[1, 1]", "base.heads=[2, 2]", "trainBase.run.steps=20"};
        for (String job : List.of("ExtractLatents", "TrainBase")) {
            Submission run = submit(job, small);
            assertThat(run.exitCode()).as(run.output()).isZero();
        }
        List<String> settings = new ArrayList<>(List.of(small));
        settings.addAll(
                List.of("sample.images=240", "sample.batch=4", "sample.baseSteps=200", "sample.decoderSteps=200"));
        int shards = 60; // of one batch each
        settings.add("sample.name=undisturbed");
        long begin = System.nanoTime();
        Submission whole = submit("Sample", settings.toArray(new String[0]));
        assertThat(whole.exitCode()).as(whole.output()).isZero();
        row("240 samples", "none", begin, shards + " shards");

        settings.set(settings.size() - 1, "sample.name=interrupted");
        begin = System.nanoTime();
        Submission killed = submit("Sample", settings.toArray(new String[0]));
        Path samples = directory.resolve("run/samples/interrupted");
        await(killed, "a quarter of the shards", () -> count(samples, SHARDS) >= shards / 4);
        await(killed, "two executors", () -> living(Set.of()).size() == 2);
        assertThat(living(Set.of()).get(0).destroyForcibly()).isTrue();
        await(killed, "half of the shards", () -> count(samples, SHARDS) >= shards / 2);
        assertThat(killed.driver().destroyForcibly()).isTrue();
        assertThat(killed.exitCode()).isNotZero();
        long kept = count(samples, SHARDS);
        assertThat(kept).isBetween(shards / 2L, shards - 1L);
        assertThat(samples.resolve(DatasetManifest.NAME)).doesNotExist();

        Submission again = submit("Sample", settings.toArray(new String[0]));
        assertThat(again.exitCode()).as(again.output()).isZero();
        try (Stream<Path> files = Files.list(samples)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".crc")))
                    .hasSize(shards + 3); // nothing of the killed
        }
        Path undisturbed = directory.resolve("run/samples/undisturbed");
        for (String file : List.of(DatasetManifest.NAME, Sampling.CARD, Sampling.GRID)) { // digests of all shards
            assertThat(samples.resolve(file)).hasSameBinaryContentAs(undisturbed.resolve(file));
        }
        row(
                "240 samples",
                "executor SIGKILL after a quarter, driver SIGKILL after %d of %d shards; submitted again"
                        .formatted(kept, shards),
                begin,
                "data set identical");
    }

    /**
     * Evaluates undisturbed, and once more while executors are killed: after a quarter and three quarters of the files
     * of features, and when all are there and distances are made of them.
     */
    private static void assertSameAfterKills(String what, int files, List<String> alsoMeasured, String... settings)
            throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("evaluate.name=undisturbed-" + what);
        long begin = System.nanoTime();
        Submission whole = submit("Evaluate", all.toArray(new String[0]));
        assertThat(whole.exitCode()).as(whole.output()).isZero();
        assertThat(whole.output()).doesNotContain("Lost executor");
        row(what, "none", begin, report("undisturbed-" + what).figures().size() + " figures");

        all.set(settings.length, "evaluate.name=interrupted-" + what);
        begin = System.nanoTime();
        Submission killed = submit("Evaluate", all.toArray(new String[0]));
        Path features = evaluation("interrupted-" + what).resolve("features");
        Set<ProcessHandle> gone = new HashSet<>();
        List<Long> filesAtKills = new ArrayList<>();
        for (int wanted : new int[] {files / 4, 3 * files / 4, files}) {
            await(killed, wanted + " files of features", () -> count(features, FEATURES) >= wanted);
            await(killed, "two executors", () -> living(gone).size() == 2);
            ProcessHandle oldest = living(gone).get(0);
            assertThat(oldest.destroyForcibly()).isTrue();
            gone.add(oldest);
            filesAtKills.add(count(features, FEATURES));
        }
        assertThat(killed.exitCode()).as(killed.output()).isZero();
        assertThat(filesAtKills.get(1)).isLessThan(files); // was in the midst
        assertThat(filesAtKills.get(2)).isEqualTo(files); // features are deleted when the report is there
        List<String> lost = LOST.matcher(killed.output())
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
        assertThat(lost).as(killed.output()).hasSize(gone.size());
        assertThat(killed.output()).contains("Lost task");
        assertSame(what, alsoMeasured);
        row(
                what,
                "executor SIGKILL after %d, %d and %d of %d files of features"
                        .formatted(filesAtKills.get(0), filesAtKills.get(1), filesAtKills.get(2), files),
                begin,
                "report, page and pictures identical");
    }

    /** Everything was measured, and everything but the name is the same. */
    private static void assertSame(String what, List<String> alsoMeasured) throws IOException {
        String undisturbed = "undisturbed-" + what;
        String interrupted = "interrupted-" + what;
        EvaluationReport expected = report(undisturbed);
        EvaluationReport report = report(interrupted);
        List<String> names = new ArrayList<>(alsoMeasured);
        names.addAll(List.of("frechet(tiny)", "frechet(tiny) at infinity", "frechet(tiny) floor", "precision(tiny)"));
        assertThat(report.figures()).extracting(Figure::name).containsAll(names);
        assertThat(report.figures()).hasSize(10 + alsoMeasured.size()); // every distance
        assertThat(report.figures()).isEqualTo(expected.figures()); // doubles by their bits
        assertThat(report.warnings()).isEqualTo(expected.warnings());
        assertThat(report.card()).isEqualTo(expected.card());
        for (String file : List.of(EvaluationReport.FILE, EvaluationReport.PAGE)) {
            assertThat(text(interrupted, file))
                    .isEqualTo(text(undisturbed, file).replace(undisturbed, interrupted));
        }
        assertThat(text(interrupted, EvaluationReport.PAGE)).endsWith("</html>\n");
        List<String> left = new ArrayList<>();
        for (String name : List.of(undisturbed, interrupted)) {
            try (Stream<Path> entries = Files.list(evaluation(name))) {
                left.add(entries.map(entry -> entry.getFileName().toString())
                        .filter(entry -> !entry.endsWith(".crc"))
                        .sorted()
                        .toList()
                        .toString());
            }
        }
        assertThat(left.get(1)).isEqualTo(left.get(0)).doesNotContain("features");
        Path grid = evaluation(interrupted).resolve("grid.png");
        if (Files.exists(grid)) {
            assertThat(grid).hasSameBinaryContentAs(evaluation(undisturbed).resolve("grid.png"));
        }
    }

    private static void row(String what, String fault, long begin, String outcome) {
        ROWS.add("| %s | %s | %.0f | %s |".formatted(what, fault, 1e-9 * (System.nanoTime() - begin), outcome));
    }

    /** Something that soon is so. */
    @FunctionalInterface
    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Submission submission, String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (!condition.holds()) {
            assertThat(submission.driver().isAlive() && System.nanoTime() < deadline)
                    .as("%s\n%s", what, submission.output())
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static List<ProcessHandle> living(Set<ProcessHandle> gone) throws IOException {
        return cluster.executors().stream()
                .filter(executor -> !gone.contains(executor) && executor.isAlive())
                .toList();
    }

    /** Files of these names that are whole. */
    private static long count(Path folder, String names) throws IOException {
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(names))
                    .count();
        } catch (UncheckedIOException e) {
            return 0; // something was renamed while it was listed: look again
        }
    }
}
