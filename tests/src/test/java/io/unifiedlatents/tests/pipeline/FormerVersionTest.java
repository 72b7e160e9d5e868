package io.unifiedlatents.tests.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.checkpoint.RunRecord;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.evaluation.Evaluator;
import io.unifiedlatents.core.spark.inference.Extractor;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.spark.training.Trainer;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.dataprep.PrepareReport;
import io.unifiedlatents.dataprep.check.CheckReport;
import io.unifiedlatents.dataprep.check.DatasetCheck;
import io.unifiedlatents.dataprep.picture.PictureDecoder;
import io.unifiedlatents.tests.LocalSpark;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data set and a run that version 0.1 made, with its former names and formats, are read and go on. */
class FormerVersionTest {
    private static final String CONFIG = """
            runDirectory: DIRECTORY/run
            prepare: {height: 16, width: 16, rowGroupRows: 4, rowsPerShard: 8}
            model: {height: 16, width: 16}
            data: {train: DIRECTORY/data/train, validation: DIRECTORY/data/validation, windowGroups: 2}
            encoder: {patch: 2, channels: [8, 8], blocks: [1, 1], latentChannels: 4}
            prior: {width: 16, blocks: 1, heads: 2}
            decoder: {patch: 2, channels: [8], blocks: [1], middleWidth: 16, middleBlocks: 1, heads: 2}
            base: {widths: [16], blocks: [1], heads: [2], condition: {kind: class, classes: 2}}
            compute: {threads: 1}
            trainLatents:
              run: {steps: 6, globalBatch: 4, microBatch: 2, checkpointEvery: 3, logEvery: 1, keepCheckpoints: 1}
              optimizer: {learningRate: 1.0e-3, warmupSteps: 2}
            trainDecoder:
              run: {steps: 4, globalBatch: 4, microBatch: 2, checkpointEvery: 4, logEvery: 1, keepCheckpoints: 1}
              optimizer: {learningRate: 1.0e-3, warmupSteps: 2}
            trainBase:
              run: {steps: 4, globalBatch: 4, microBatch: 2, checkpointEvery: 4, logEvery: 1, keepCheckpoints: 1}
              optimizer: {learningRate: 1.0e-3, warmupSteps: 2}
            sample: {images: 4, batch: 4, baseSteps: 2, decoderSteps: 2}
            evaluate: {batch: 4, samplerSteps: 2, timesPerImage: 2, gridImages: 2, base: true}
            cluster: {ranks: 2}
            """;

    @TempDir
    private static Path directory;

    private static SparkSession session;
    private static JavaSparkContext spark;
    private static Configuration hadoop;

    private static RunConfig config(String... overrides) {
        return ConfigLoader.load("", CONFIG.replace("DIRECTORY", directory.toString()), List.of(overrides));
    }

    @BeforeAll
    static void start() throws Exception {
        session = LocalSpark.session("local[2]", "former version").getOrCreate();
        spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        hadoop = spark.hadoopConfiguration();
        Path archive = directory.resolve("run.tar.gz");
        try (InputStream in = FormerVersionTest.class.getResourceAsStream("/version-0.1/run.tar.gz")) {
            Files.copy(in, archive, StandardCopyOption.REPLACE_EXISTING);
        }
        Process tar = new ProcessBuilder("tar", "xzf", archive.toString(), "-C", directory.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    @Test
    void aFormerPreparationIsWholeAndRecognisedAsDone() throws Exception {
        Storage output = Storage.at(directory.resolve("data").toString(), hadoop);
        CheckReport checked = DatasetCheck.run(session, output, true, 10);
        assertThat(checked.first()).isEmpty();
        assertThat(checked.rows()).isEqualTo(19);
        DatasetManifest train = Dataset.open(output.directory("train")).manifest();
        assertThat(train.shape()).isEqualTo(SampleShape.picture(16, 16));

        // the settings name the libraries that decoded the pictures, which other machines may not have
        assumeTrue(Objects.requireNonNull(train.transform()).endsWith(", decoded by " + PictureDecoder.libraries()));
        JsonNode before = new ObjectMapper().readTree(output.readText(PrepareReport.NAME));
        RunConfig again = config(
                "prepare.source=" + before.path("source").asText(),
                "prepare.output=" + output,
                "prepare.holdoutFraction=0.2");
        PrepareReport report = Preparation.images(session, again.prepare()).run(LeaseTerms.DEFAULT);
        assertThat(report.configHash()).isEqualTo(before.path("configHash").asText());
        assertThat(report.kept()).isEqualTo(19);
    }

    @Test
    void aFormerRunIsEvaluatedAndGoesOn() throws Exception {
        RunDirectory run = new RunDirectory(config(), hadoop);
        Storage folder = run.stage(StageName.LATENTS);
        assertThat(folder.toString()).endsWith("/run/stage1");
        CheckpointManifest former = Checkpoints.at(folder).newestReadable().orElseThrow();
        assertThat(former.formatVersion()).isEqualTo(1);
        assertThat(former.scriptHash()).isEmpty();

        Exports encoder = run.exports(StageName.LATENTS, 0); // the former files, as they are
        assertThat(encoder.scripts()).isEmpty();
        Dataset latents = Extractor.extract(spark, config(), LeaseTerms.DEFAULT);
        assertThat(latents.storage().toString()).endsWith("/run/latents");
        assertThat(latents.manifest().encoderHash()).isEqualTo(encoder.hash(Exports.ENCODER));
        EvaluationReport report = Evaluator.evaluate(spark, config("evaluate.name=again"), LeaseTerms.DEFAULT);
        EvaluationReport before = EvaluationReport.fromJson(
                Storage.at(config().runDirectory(), hadoop).readText("evaluation/newest/" + EvaluationReport.FILE),
                "newest");
        // the same networks, pictures and noise; within a float's rounding of another machine
        assertThat(value(report, "psnr")).isCloseTo(value(before, "psnr"), within(0.01));
        assertThat(value(report, "bitsPerPixel")).isCloseTo(value(before, "bitsPerPixel"), within(0.01));

        // a stage on frozen latents goes on before the encoder does, which would make them stale
        String longer = "trainBase.run.steps";
        assertThatThrownBy(() -> train(StageName.BASE, Set.of(), longer + "=6"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("trainBase.run.steps: 4 → 6");
        train(StageName.BASE, Set.of(longer), longer + "=6");

        train(StageName.LATENTS, Set.of("trainLatents.run.steps"), "trainLatents.run.steps=8");
        CheckpointManifest now = Checkpoints.at(folder).newestReadable().orElseThrow();
        assertThat(now.step()).isEqualTo(8);
        assertThat(now.formatVersion()).isEqualTo(CheckpointManifest.FORMAT_VERSION);
        assertThat(now.samplesPerStream()).isEqualTo(16); // eight steps of two
        List<Integer> sizes = new ArrayList<>();
        new Ledger(folder)
                .audit(Dataset.open(Storage.at(config().data().train(), hadoop)), (step, ids) -> sizes.add(ids.size()));
        assertThat(sizes).hasSize(8).containsOnly(4); // segments of format versions 1 and 2
        RunRecord.Start start =
                RunRecord.read(folder, StageName.LATENTS).starts().get(0);
        assertThat(start.step()).isEqualTo(6);
        assertThat(start.changes()).hasToString("[trainLatents.run.steps: 6 → 8]");
    }

    private static double value(EvaluationReport report, String figure) {
        return Objects.requireNonNull(report.figure(figure)).value();
    }

    private static void train(StageName stage, Set<String> confirmed, String... overrides) throws Exception {
        Trainer.train(spark, config(overrides), stage, confirmed, new StopControl(null, 0), LeaseTerms.DEFAULT);
    }
}
