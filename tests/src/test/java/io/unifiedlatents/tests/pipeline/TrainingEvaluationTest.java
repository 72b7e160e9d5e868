package io.unifiedlatents.tests.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.checkpoint.CheckpointManifest;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.spark.evaluation.Evaluator;
import io.unifiedlatents.core.spark.inference.Extractor;
import io.unifiedlatents.core.spark.inference.Sampling;
import io.unifiedlatents.core.spark.ranks.RunFailedException;
import io.unifiedlatents.core.spark.ranks.StopControl;
import io.unifiedlatents.core.spark.training.Trainer;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.Preparation;
import io.unifiedlatents.tests.LocalSpark;
import io.unifiedlatents.tests.RandomDetector;
import io.unifiedlatents.tests.TinyRun;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What two ranks say of held-out pictures while they train, beside what Evaluate says of the same checkpoints. */
class TrainingEvaluationTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;

    private static SparkSession session;
    private static JavaSparkContext spark;

    @BeforeAll
    static void prepare() throws Exception {
        session = LocalSpark.session("local[2]", "evaluation in training").getOrCreate();
        spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Preparation.images(session, config("none").prepare()).run(LeaseTerms.DEFAULT);
        RandomDetector.write(directory.resolve("tiny.pt"), 16, 16);
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    private static RunConfig config(String run, String... overrides) {
        List<String> all = new ArrayList<>(List.of(
                "prepare.rowsPerShard=8",
                "trainLatents.run={steps: 3, logEvery: 1, evaluateEvery: 2}",
                "trainDecoder.run={steps: 2, logEvery: 1, evaluateEvery: 2}",
                "trainBase.run={steps: 2, logEvery: 1, evaluateEvery: 1}",
                "sample={images: 11, batch: 4, baseSteps: 3, decoderSteps: 3, gridImages: 4}",
                "evaluate={images: 11, batch: 4, samplerSteps: 3, timesPerImage: 2, gridImages: 4}",
                "evaluate.detector.file=" + directory + "/tiny.pt",
                "evaluate.training={images: 11, samplerSteps: 3}"));
        all.addAll(List.of(overrides));
        return TinyRun.config(directory, run, all.toArray(String[]::new));
    }

    private static void train(RunConfig config, StageName stage) throws Exception {
        assertThat(Trainer.train(spark, config, stage, Set.of(), new StopControl(null, 0), LeaseTerms.DEFAULT))
                .isPresent();
    }

    private static Storage folder(RunConfig config, StageName stage) throws Exception {
        return new RunDirectory(config, spark.hadoopConfiguration()).stage(stage);
    }

    private static List<JsonNode> events(Storage folder, String event) throws Exception {
        List<JsonNode> found = new ArrayList<>();
        for (String line : folder.readText("log-0.jsonl").lines().toList()) {
            JsonNode node = JSON.readTree(line);
            if (node.get("event").asText().equals(event)) {
                found.add(node);
            }
        }
        return found;
    }

    /** Events of TensorBoard's file, each with one char a byte. */
    private static List<String> board(Storage folder) throws Exception {
        String name = folder.list().stream()
                .filter(file -> file.startsWith("events.out.tfevents"))
                .findFirst()
                .orElseThrow();
        ByteBuffer in = ByteBuffer.wrap(folder.read(name)).order(ByteOrder.LITTLE_ENDIAN);
        List<String> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] event = new byte[(int) in.getLong()];
            in.getInt(); // checksum of the length
            in.get(event);
            in.getInt(); // checksum of the event
            events.add(new String(event, StandardCharsets.ISO_8859_1));
        }
        return events;
    }

    /** Compares an event with the report of Evaluate, and with what TensorBoard and the grid show. */
    private static void compare(RunConfig config, StageName stage, JsonNode event) throws Exception {
        long step = event.get("step").asLong();
        String decoder = stage == StageName.LATENTS ? "latents" : "decoder";
        EvaluationReport report = Evaluator.evaluate(
                spark,
                ConfigLoader.load(
                        "", ConfigLoader.yaml(config), List.of("evaluate.step=" + step, "evaluate.decoder=" + decoder)),
                LeaseTerms.DEFAULT);
        assertThat(report.card().measured().get("count"))
                .isEqualTo(event.get("images").asLong());
        Storage folder = folder(config, stage);
        List<String> board = board(folder);
        for (Map.Entry<String, String> name : Map.of(
                        "psnrDecibels", "psnr", "bitsPerPixel", "bitsPerPixel", "frechet", "frechet(tiny)")
                .entrySet()) {
            String figure = name.getKey();
            double expected =
                    Objects.requireNonNull(report.figure(name.getValue())).value();
            double value = event.get(figure).asDouble();
            // the same weights, pictures and noise in batches of other sizes, which may take other kernels: rounding of
            // float32, and now and then a pixel rounded the other way
            assertThat(value).as(figure).isCloseTo(expected, within(1e-3 * expected));
            String stored = new String(
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putFloat((float) value)
                            .array(),
                    StandardCharsets.ISO_8859_1);
            assertThat(board).anyMatch(line -> line.contains("evaluation/" + figure) && line.contains(stored));
        }
        assertThat(event.get("frechetImages").asInt()).isEqualTo(11);
        assertThat(event.get("frechetDimensions").asInt()).isEqualTo(6);
        assertThat(event.get("frechetNote").asText()).contains("only the order");
        assertThat(event.get("seconds").asDouble()).isPositive();

        assertThat(event.get("grid").asText()).isEqualTo("evaluation/step-%012d.png".formatted(step));
        byte[] png = folder.read(event.get("grid").asText());
        BufferedImage grid = Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)));
        assertThat(grid.getWidth()).isEqualTo(4 * (2 * 98 + 2)); // pairs of 16 pixels six times enlarged, with gaps
        assertThat(grid.getHeight()).isEqualTo(98);
        String bytes = new String(png, StandardCharsets.ISO_8859_1);
        assertThat(board).anyMatch(line -> line.contains("evaluation/reconstructions") && line.contains(bytes));
    }

    private static List<String> weights(RunConfig config) throws Exception {
        return Checkpoints.at(folder(config, StageName.LATENTS)).newestReadable().orElseThrow().files().stream()
                .map(CheckpointManifest.FileEntry::sha256)
                .toList();
    }

    @Test
    void bothStagesSayOnTheWayWhatEvaluateSaysAfterwards() throws Exception {
        RunConfig config = config("run");
        train(config, StageName.LATENTS);
        List<JsonNode> events = events(folder(config, StageName.LATENTS), "evaluation");
        assertThat(events).extracting(event -> event.get("step").asInt()).containsExactly(2, 3); // the last as well
        for (JsonNode event : events) {
            compare(config, StageName.LATENTS, event);
        }
        List<JsonNode> progress = events(folder(config, StageName.LATENTS), "progress");
        assertThat(progress)
                .extracting(line -> line.get("phaseSeconds").get("evaluation").asDouble() > 0)
                .containsExactly(false, true, true);

        Extractor.extract(spark, config, LeaseTerms.DEFAULT);
        RunConfig sampling = ConfigLoader.load("", ConfigLoader.yaml(config), List.of("sample.decoder=decoder"));
        assertThatThrownBy(() -> train(sampling, StageName.BASE)) // before its first step, not at its first evaluation
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("decoder has no checkpoint of step any")
                .hasMessageContaining("or set run.evaluateEvery of this stage to 0");
        assertThat(folder(config, StageName.BASE).list()).isEmpty();
        train(config, StageName.DECODER);
        events = events(folder(config, StageName.DECODER), "evaluation");
        assertThat(events).hasSize(1);
        compare(config, StageName.DECODER, events.get(0));
        aBaseModelIsJudgedByItsBitsAndSamples(config);

        RunConfig without = config("without", "trainLatents.run.evaluateEvery=0");
        train(without, StageName.LATENTS);
        assertThat(events(folder(without, StageName.LATENTS), "evaluation")).isEmpty();
        assertThat(weights(without)).isEqualTo(weights(config));
    }

    private static void aBaseModelIsJudgedByItsBitsAndSamples(RunConfig config) throws Exception {
        train(config, StageName.BASE);
        Storage folder = folder(config, StageName.BASE);
        List<JsonNode> events = events(folder, "evaluation");
        assertThat(events).extracting(event -> event.get("step").asInt()).containsExactly(1, 2);
        JsonNode last = events.get(1);
        assertThat(last.has("psnrDecibels")).isFalse();
        assertThat(last.get("baseSteps").asInt()).isEqualTo(3);
        assertThat(events(folder, "evaluatedWith").get(0).get("decoder.pt").asText())
                .contains("/latents/exports/");
        EvaluationReport report = Evaluator.evaluate(
                spark,
                ConfigLoader.load("", ConfigLoader.yaml(config), List.of("evaluate.base=true")),
                LeaseTerms.DEFAULT);
        double bits = Objects.requireNonNull(report.figure("baseBitsPerPixel")).value();
        // rounding of float32 in batches of other sizes
        assertThat(last.get("bitsPerPixel").asDouble()).isCloseTo(bits, within(1e-4 * bits));

        Storage samples = Sampling.sample(spark, config, LeaseTerms.DEFAULT).storage();
        byte[] png = folder.read(last.get("grid").asText());
        byte[] shown = ImageCodec.decode(png).pixels();
        byte[] sampled = ImageCodec.decode(samples.read(Sampling.GRID)).pixels();
        assertThat(shown).hasSameSizeAs(sampled);
        for (int i = 0; i < shown.length; i++) { // in batches of other sizes, now and then rounded the other way
            assertThat(shown[i] & 0xff).isCloseTo(sampled[i] & 0xff, within(1));
        }
        String bytes = new String(png, StandardCharsets.ISO_8859_1);
        assertThat(board(folder)).anyMatch(line -> line.contains("evaluation/samples") && line.contains(bytes));
    }

    @Test
    void aFailureSaysThatItHappenedInEvaluation() throws Exception {
        RunConfig config = config("failing", "evaluate.detector.file=" + directory + "/nowhere.pt");
        assertThatThrownBy(() -> train(config, StageName.LATENTS))
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("in evaluation: evaluation after step 2")
                .hasMessageContaining("nowhere.pt");
    }
}
