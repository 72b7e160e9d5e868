package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.metrics.features.FeatureSet;
import io.unifiedlatents.core.metrics.features.Gaussian;
import io.unifiedlatents.core.metrics.picture.PictureSets;
import io.unifiedlatents.core.report.EvaluationCard;
import io.unifiedlatents.core.report.EvaluationReport;
import io.unifiedlatents.core.report.PictureSection;
import io.unifiedlatents.core.report.ReportPage;
import io.unifiedlatents.core.report.Shown;
import io.unifiedlatents.core.spark.inference.Sampling;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.Torch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;

/** Samples, pictures or clips that are there already, against a reference. */
final class SampleEvaluation {
    private final JavaSparkContext spark;
    private final RunConfig config;
    private final Storage directory;
    private final PictureSet set;
    private final EvaluationCard sampling;

    SampleEvaluation(JavaSparkContext spark, RunConfig config, Storage directory) throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Check.setting(
                !evaluate.detector().file().isEmpty(),
                "evaluate.samples=%s, but evaluate.detector.file is empty; name a detector to compare them by",
                evaluate.samples());
        this.spark = spark;
        this.config = config;
        this.directory = directory;
        this.set =
                PictureSets.open(evaluate.samples(), evaluate.images(), evaluate.batch(), spark.hadoopConfiguration());
        this.sampling = Sampling.cardOf(evaluate.samples(), spark.hadoopConfiguration());
    }

    /**
     * Evaluates and writes the page.
     *
     * @param work directory for features while they are needed
     */
    EvaluationReport run(Storage work) throws IOException {
        EvaluateConfig evaluate = config.evaluate();
        Measurement measurement = Measurement.of(evaluate, spark.hadoopConfiguration());
        Reference reference = References.open(spark, config, measurement, set.frames(), work.directory("reference"));
        FeatureSet samples = FeatureTask.run(
                spark, config, set, evaluate.images(), work.directory("samples").toString());
        FeatureComparison distances = new FeatureComparison(
                spark,
                evaluate.distances(),
                config.seed(),
                new FigureNames(measurement.file(), "g"),
                samples,
                reference);
        distances.measure(false, evaluate.clips().folds());

        Map<String, Object> judged = new LinkedHashMap<>(sampling.judged());
        judged.put("samples", set.location());
        judged.put("samplesHash", set.hash());
        judged.put("reference", reference.location());
        judged.put("software", Torch.version(config.compute().threads()));
        Map<String, Object> measured = new LinkedHashMap<>(sampling.measured());
        measured.put("what", "samples");
        measured.put("count", set.count());
        measured.put(EvaluationCard.SHAPE, EvaluationCard.shapeOf(set.shape()));
        measured.put("quantization", "uint8");
        measured.put("seed", config.seed());
        if (evaluate.clips().folds() > 1) {
            measured.put("folds", evaluate.clips().folds());
        }
        measured.put("referenceHash", reference.hash());
        if (reference.count() != Gaussian.UNKNOWN) {
            measured.put("referenceCount", reference.count());
        }
        measured.putAll(measurement.card(set.frames()));
        measured.putAll(distances.card());
        EvaluationReport report = new EvaluationReport(
                evaluate.name(), distances.figures(), warnings(distances), new EvaluationCard(judged, measured));
        show(report);
        return report;
    }

    private List<String> warnings(FeatureComparison distances) {
        List<String> warnings = new ArrayList<>(distances.warnings());
        if (config.evaluate().base()) {
            warnings.add("evaluate.base is of held-out pictures; of samples no bits are measured");
        }
        return warnings;
    }

    private void show(EvaluationReport report) throws IOException {
        List<Shown> shown = new ArrayList<>();
        List<Rgb> pictures = new ArrayList<>();
        int wanted = Math.min(config.evaluate().gridImages(), set.count());
        for (int unit = 0; unit < set.rows().size() && shown.size() < wanted; unit++) {
            set.read(unit, (id, picture) -> {
                boolean alike = pictures.isEmpty() || sameSize(picture, pictures.get(0));
                if (shown.size() < wanted && alike) {
                    pictures.add(picture);
                    shown.add(new Shown(id, null, picture.pixels(), Double.NaN));
                }
            });
        }
        List<PictureSection> sections = List.of();
        if (!shown.isEmpty()) {
            SampleShape stated = set.shape();
            Rgb first = pictures.get(0);
            SampleShape shape = stated == null ? SampleShape.picture(first.height(), first.width()) : stated;
            sections = List.of(new PictureSection("samples", shape, shown));
        }
        directory.publish(EvaluationReport.PAGE, ReportPage.of(report, sections));
    }

    private static boolean sameSize(Rgb a, Rgb b) {
        return a.width() == b.width() && a.height() == b.height();
    }
}
