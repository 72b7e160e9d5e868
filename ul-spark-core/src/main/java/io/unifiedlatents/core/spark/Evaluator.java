package io.unifiedlatents.core.spark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.metrics.EvaluationPart;
import io.unifiedlatents.core.metrics.FeatureStats;
import io.unifiedlatents.core.metrics.FrechetDistance;
import io.unifiedlatents.core.metrics.PictureGrid;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * Judges reconstructions of held-out pictures over the cluster: PSNR, bits per pixel, Fréchet distance under a given
 * detector. Parts are merged in the order of the shards, so the figures do not depend on who computed what.
 */
public final class Evaluator {
    /** File of the figures and of the card that says how they came about. */
    public static final String REPORT = "report.json";

    /** File of originals beside reconstructions. */
    public static final String GRID = "grid.png";

    private static final ObjectMapper JSON = new ObjectMapper();

    private Evaluator() {}

    /**
     * Evaluates and writes {@value #REPORT} and {@value #GRID} to {@code <runDirectory>/evaluation/<name>}.
     *
     * @return the report
     */
    public static ObjectNode evaluate(JavaSparkContext spark, RunConfig config) throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Configuration hadoop = spark.hadoopConfiguration();
        Dataset images = Dataset.open(Storage.at(config.data().validation(), hadoop));
        images.requirePictures("data.validation", config.prepare().resolution());
        Stage stage = Stage.named(evaluate.decoder());
        Exports decoder = Exports.of(stage.directory(config, hadoop), evaluate.step(), config, stage.objective(config));
        Exports encoder = stage == Stage.LATENTS
                ? decoder
                : Exports.of(Stage.LATENTS.directory(config, hadoop), 0, config, Stage.LATENTS.objective(config));
        Map<String, String> files = new HashMap<>();
        files.put(Exports.ENCODER, encoder.directory().path(Exports.ENCODER).toString());
        files.put(Exports.PRIOR, encoder.directory().path(Exports.PRIOR).toString());
        files.put(Exports.DECODER, decoder.directory().path(Exports.DECODER).toString());

        List<EvaluationPart> parts =
                new ArrayList<>(Partitions.of(spark, images.manifest().shards())
                        .withResources(TaskResources.ofNetworks(spark, config.compute()))
                        .mapPartitions(new EvaluateTask(ConfigLoader.yaml(config), files))
                        .collect());
        parts.sort(Comparator.comparingInt(EvaluationPart::shard));

        ObjectNode report = JSON.createObjectNode();
        figures(report.putObject("figures"), parts, evaluate);
        card(report.putObject("card"), config, images, encoder, decoder, hadoop);
        Storage directory = Storage.at(config.runDirectory(), hadoop).directory("evaluation/" + evaluate.name());
        List<EvaluationPart.Pair> pairs =
                parts.stream().flatMap(part -> part.shown().stream()).toList();
        directory.publish(GRID, PictureGrid.png(pairs, images.manifest().resolution()));
        directory.publish(REPORT, report.toPrettyString());
        return report;
    }

    private static void figures(ObjectNode figures, List<EvaluationPart> parts, EvaluateConfig config) {
        List<EvaluationPart.ImageFigures> images =
                parts.stream().flatMap(part -> part.images().stream()).toList();
        figures.put("images", images.size());
        meanAndError(figures, "psnrDecibels", images, EvaluationPart.ImageFigures::psnr);
        meanAndError(figures, "bitsPerPixel", images, EvaluationPart.ImageFigures::bitsPerPixel);
        FeatureStats original = merged(parts, true);
        FeatureStats reconstructed = merged(parts, false);
        if (original != null && reconstructed != null) {
            String name = new Path(config.detector().file()).getName().replaceFirst("\\.[^.]*$", "");
            figures.put("frechet(" + name + ")", FrechetDistance.between(original, reconstructed));
            if (original.count() <= original.dimensions()) {
                figures.put(
                        "warning",
                        "the covariance of " + original.count() + " pictures in " + original.dimensions()
                                + " dimensions is singular: only the order of such distances means anything");
            }
        }
    }

    /** Mean over pictures and its standard error. */
    private static void meanAndError(
            ObjectNode figures,
            String name,
            List<EvaluationPart.ImageFigures> images,
            ToDoubleFunction<EvaluationPart.ImageFigures> figure) {
        double mean = images.stream().mapToDouble(figure).average().orElse(Double.NaN);
        double squares = images.stream()
                .mapToDouble(image -> (figure.applyAsDouble(image) - mean) * (figure.applyAsDouble(image) - mean))
                .sum();
        figures.put(name, mean);
        figures.put(name + "StandardError", Math.sqrt(squares / (images.size() - 1.0) / images.size()));
    }

    private static @Nullable FeatureStats merged(List<EvaluationPart> parts, boolean original) {
        FeatureStats all = null;
        for (EvaluationPart part : parts) {
            FeatureStats stats = original ? part.original() : part.reconstructed();
            if (stats != null) {
                all = all == null ? new FeatureStats(stats.dimensions()) : all;
                all.merge(stats);
            }
        }
        return all;
    }

    /** Everything that a figure depends on. */
    private static void card(
            ObjectNode card, RunConfig config, Dataset images, Exports encoder, Exports decoder, Configuration hadoop)
            throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        card.put("dataset", images.storage().toString());
        card.put("datasetHash", images.manifest().datasetHash());
        card.put("resolution", images.manifest().resolution());
        card.put("encoderStep", encoder.step());
        card.put("encoderHash", encoder.hash(Exports.ENCODER));
        card.put("priorHash", encoder.hash(Exports.PRIOR));
        card.put("decoderStage", evaluate.decoder());
        card.put("decoderStep", decoder.step());
        card.put("decoderHash", decoder.hash(Exports.DECODER));
        card.put("weights", "exponential moving average");
        card.put("sampler", "DDIM, uniform in time, prediction clipped to [-1, 1]");
        card.put("samplerSteps", evaluate.samplerSteps());
        card.put("timesPerImage", evaluate.timesPerImage());
        card.put("guidance", "none");
        card.put("seed", config.seed());
        card.put("quantization", "uint8");
        if (!evaluate.detector().file().isEmpty()) {
            card.put("detector", evaluate.detector().file());
            card.put("detectorHash", sha256(new Path(evaluate.detector().file()), hadoop));
        }
    }

    private static String sha256(Path file, Configuration hadoop) throws IOException {
        try (InputStream in = file.getFileSystem(hadoop).open(file)) {
            return Hashes.content(in).sha256();
        }
    }
}
