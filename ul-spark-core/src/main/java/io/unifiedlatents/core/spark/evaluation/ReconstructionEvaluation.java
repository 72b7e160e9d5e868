package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.metrics.detector.DetectorFile;
import io.unifiedlatents.core.metrics.features.FeatureSet;
import io.unifiedlatents.core.metrics.picture.PictureFigures;
import io.unifiedlatents.core.metrics.picture.PictureGrid;
import io.unifiedlatents.core.metrics.picture.PictureSets;
import io.unifiedlatents.core.report.EvaluationCard;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.report.Figure;
import io.unifiedlatents.core.report.PictureSection;
import io.unifiedlatents.core.report.ReportPage;
import io.unifiedlatents.core.report.Shown;
import io.unifiedlatents.core.sample.Exports;
import io.unifiedlatents.core.spark.cluster.Partitions;
import io.unifiedlatents.core.spark.cluster.TaskResources;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.stage.RunDirectory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** Reconstructions of held-out pictures against their originals. */
final class ReconstructionEvaluation {
    /** Shown of the best, the median and the worst, at most. */
    private static final int EXTREMES = 8;

    private final JavaSparkContext spark;
    private final RunConfig config;
    private final Storage directory;
    private final PictureSet set;
    private final StageName stage;
    private final Exports encoder;
    private final Exports decoder;
    private final @Nullable Exports base;
    private final RunNetworks networks;

    ReconstructionEvaluation(JavaSparkContext spark, RunConfig config, Storage directory) throws IOException {
        this.spark = spark;
        this.config = config;
        this.directory = directory;
        EvaluateConfig evaluate = config.evaluate();
        Configuration hadoop = spark.hadoopConfiguration();
        Dataset.open(Storage.at(config.data().validation(), hadoop)).requireSamples("data.validation", config.model());
        this.set = PictureSets.open(config.data().validation(), evaluate.images(), evaluate.batch(), hadoop);
        RunDirectory run = new RunDirectory(config, hadoop);
        this.stage = evaluate.decoder();
        this.decoder = run.exports(stage, evaluate.step());
        this.encoder = stage == StageName.LATENTS ? decoder : run.exports(StageName.LATENTS, 0);
        run.requireSameEncoder(stage, decoder, StageName.LATENTS, encoder);
        this.base = evaluate.base() ? run.exports(StageName.BASE, 0) : null;
        Map<String, Exports> exports =
                new HashMap<>(Map.of(Exports.ENCODER, encoder, Exports.PRIOR, encoder, Exports.DECODER, decoder));
        if (base != null) {
            run.requireSameEncoder(StageName.BASE, base, StageName.LATENTS, encoder);
            exports.put(Exports.BASE, base);
        }
        this.networks = RunNetworks.of(config, exports);
    }

    /**
     * Evaluates and writes page and grid.
     *
     * @param features directory for features while they are needed
     */
    EvaluationReport run(Storage features) throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Map<String, Object> measured = measured();
        Measurement measurement =
                evaluate.detector().file().isEmpty() ? null : Measurement.of(evaluate, spark.hadoopConfiguration());
        String originals = features.directory("originals").toString();
        String reconstructions = features.directory("reconstructions").toString();
        List<ReconstructTask.Unit> units =
                new ArrayList<>(Partitions.of(spark, set.rows().size(), (long) set.count() * evaluate.samplerSteps())
                        .withResources(TaskResources.ofNetworks(spark, config.compute()))
                        .mapPartitions(new ReconstructTask(networks, originals, reconstructions))
                        .collect());
        units.sort(Comparator.comparingInt(ReconstructTask.Unit::unit));
        List<PictureFigures> pictures =
                units.stream().flatMap(unit -> unit.pictures().stream()).toList();

        List<Figure> figures = new ArrayList<>(means(pictures));
        List<String> warnings = new ArrayList<>();
        if (measurement != null) {
            List<Map<String, Integer>> rows =
                    units.stream().map(ReconstructTask.Unit::rows).toList();
            FeatureSet originalFeatures = FeatureSet.of(originals, rows);
            FeatureComparison distances = new FeatureComparison(
                    spark,
                    evaluate.distances(),
                    config.seed(),
                    new FigureNames(measurement.file(), "r"),
                    FeatureSet.of(reconstructions, rows),
                    new Reference(set.location(), set.hash(), set.count(), null, null, originalFeatures));
            distances.measure(true, 1);
            measured.putAll(measurement.card(1));
            measured.putAll(distances.card());
            figures.addAll(distances.figures());
            warnings.addAll(distances.warnings());
        }
        EvaluationReport report =
                new EvaluationReport(evaluate.name(), figures, warnings, new EvaluationCard(judged(), measured));
        show(report, pictures);
        return report;
    }

    private static List<Figure> means(List<PictureFigures> pictures) {
        List<Figure> figures = new ArrayList<>();
        addMean(figures, "psnr", pictures, PictureFigures::psnr, f -> f.in("dB").higherIsBetter());
        addMean(figures, "ssim", pictures, PictureFigures::ssim, Figure::higherIsBetter);
        addMean(figures, "msSsim", pictures, PictureFigures::msSsim, Figure::higherIsBetter);
        addMean(figures, "mse", pictures, PictureFigures::meanSquaredError, Figure::lowerIsBetter);
        addMean(figures, "lpips", pictures, PictureFigures::lpips, Figure::lowerIsBetter);
        addMean(
                figures,
                "bitsPerPixel",
                pictures,
                PictureFigures::bitsPerPixel,
                f -> f.in("bit").lowerIsBetter());
        addMean(
                figures,
                "baseBitsPerPixel",
                pictures,
                PictureFigures::baseBitsPerPixel,
                f -> f.in("bit").lowerIsBetter());
        return figures;
    }

    /** Mean over pictures with its standard error; not where it is not measured. */
    private static void addMean(
            List<Figure> figures,
            String name,
            List<PictureFigures> pictures,
            ToDoubleFunction<PictureFigures> figure,
            java.util.function.UnaryOperator<Figure> described) {
        if (Double.isNaN(figure.applyAsDouble(pictures.get(0)))) {
            return;
        }
        int n = pictures.size();
        double sum = 0;
        for (PictureFigures picture : pictures) {
            sum += figure.applyAsDouble(picture);
        }
        double squares = 0;
        for (PictureFigures picture : pictures) {
            squares += Math.pow(figure.applyAsDouble(picture) - sum / n, 2);
        }
        Figure mean = described.apply(Figure.of(name, sum / n));
        figures.add(n > 1 ? mean.withStandardError(Math.sqrt(squares / (n - 1.0) / n)) : mean);
    }

    /** Hashes of a network's script and of the run that trained it, where its export has them. */
    private static void putIdentity(Map<String, Object> card, String name, Exports exports, String file) {
        if (!exports.scripts().isEmpty()) {
            card.put(name + "Script", String.valueOf(exports.scripts().get(file)));
            card.put(name + "Run", exports.identityHash());
        }
    }

    private Map<String, Object> judged() {
        Map<String, Object> card = new LinkedHashMap<>();
        card.put("runDirectory", config.runDirectory());
        card.put("decoderStage", config.evaluate().decoder().toString());
        card.put("decoderStep", decoder.step());
        card.put("decoderHash", decoder.hash(Exports.DECODER));
        card.put("encoderStep", encoder.step());
        card.put("encoderHash", encoder.hash(Exports.ENCODER));
        card.put("priorHash", encoder.hash(Exports.PRIOR));
        putIdentity(card, "encoder", encoder, Exports.ENCODER);
        putIdentity(card, "decoder", decoder, Exports.DECODER);
        if (base != null) {
            card.put("baseStep", base.step());
            card.put("baseHash", base.hash(Exports.BASE));
            putIdentity(card, "base", base, Exports.BASE);
        }
        card.put("dataset", set.location());
        card.put("software", Torch.version(config.compute().threads()));
        return card;
    }

    private Map<String, Object> measured() throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Map<String, Object> card = new LinkedHashMap<>();
        card.put("what", "reconstructions");
        card.put("datasetHash", set.hash());
        card.put("count", set.count());
        card.put(EvaluationCard.SHAPE, EvaluationCard.shapeOf(set.shape()));
        card.put("quantization", "uint8");
        card.put("weights", "exponential moving average");
        card.put("sampler", evaluate.sampler().sampler().description() + ", prediction clipped to [-1, 1]");
        card.put("samplerSteps", evaluate.samplerSteps());
        card.put("guidance", "none");
        card.put("timesPerImage", evaluate.timesPerImage());
        card.put("batch", evaluate.batch());
        card.put("seed", config.seed());
        if (!evaluate.lpips().isEmpty()) {
            DetectorFile lpips = DetectorFile.read("evaluate.lpips", evaluate.lpips(), spark.hadoopConfiguration());
            card.put("lpips", lpips.name());
            card.put("lpipsHash", lpips.sha256());
        }
        return card;
    }

    /** The first pictures, and the best, the median and the worst of all, made once more to be looked at. */
    private void show(EvaluationReport report, List<PictureFigures> pictures) throws IOException {
        int[] byPsnr = IntStream.range(0, pictures.size())
                .boxed()
                .sorted(Comparator.comparingDouble(
                        (Integer i) -> -pictures.get(i).psnr()))
                .mapToInt(Integer::intValue)
                .toArray();
        int few = Math.min(EXTREMES, Math.min(config.evaluate().gridImages(), pictures.size()));
        Map<String, int[]> sections = new LinkedHashMap<>();
        sections.put(
                "first",
                IntStream.range(0, Math.min(config.evaluate().gridImages(), pictures.size()))
                        .toArray());
        sections.put("best by PSNR", java.util.Arrays.copyOf(byPsnr, few));
        int middle = (pictures.size() - few) / 2;
        sections.put("median by PSNR", java.util.Arrays.copyOfRange(byPsnr, middle, middle + few));
        sections.put("worst by PSNR", java.util.Arrays.copyOfRange(byPsnr, byPsnr.length - few, byPsnr.length));
        Map<Integer, PictureGrid.Pair> pairs = pairs(sections.values());
        List<PictureSection> shown = new ArrayList<>();
        sections.forEach((title, indices) -> shown.add(new PictureSection(
                title,
                config.model(),
                IntStream.of(indices)
                        .mapToObj(i -> shown(pictures.get(i), pairs.get(i)))
                        .toList())));
        List<PictureGrid.Pair> first = IntStream.of(Objects.requireNonNull(sections.get("first")))
                .mapToObj(i -> Objects.requireNonNull(pairs.get(i)))
                .toList();
        directory.publish(EvaluationReport.PAGE, ReportPage.of(report, shown));
        directory.publish(Evaluator.GRID, PictureGrid.pairs(first, config.model()));
    }

    /** Pairs by their index in the set. */
    private Map<Integer, PictureGrid.Pair> pairs(Collection<int[]> sections) {
        TreeSet<Integer> indices = new TreeSet<>();
        sections.forEach(section -> IntStream.of(section).forEach(indices::add));
        List<ShowTask.Wanted> wanted = new ArrayList<>();
        Map<Integer, Integer> firstOf = new HashMap<>();
        int first = 0;
        for (int unit = 0; unit < set.rows().size(); unit++) {
            int end = first + set.rows().get(unit);
            int from = first;
            List<Integer> rows =
                    indices.subSet(first, end).stream().map(i -> i - from).toList();
            if (!rows.isEmpty()) {
                wanted.add(new ShowTask.Wanted(unit, new ArrayList<>(rows)));
            }
            firstOf.put(unit, first);
            first = end;
        }
        Map<Integer, PictureGrid.Pair> pairs = new HashMap<>();
        spark.parallelize(wanted, Math.max(1, Math.min(wanted.size(), 2 * spark.defaultParallelism())))
                .withResources(TaskResources.ofNetworks(spark, config.compute()))
                .mapPartitions(new ShowTask(networks))
                .collect()
                .forEach(made -> pairs.put(Objects.requireNonNull(firstOf.get(made.unit())) + made.row(), made.pair()));
        return pairs;
    }

    private static Shown shown(PictureFigures figures, PictureGrid.@Nullable Pair pair) {
        Objects.requireNonNull(pair, figures.id());
        return new Shown(figures.id(), pair.original(), pair.reconstruction(), figures.psnr());
    }
}
