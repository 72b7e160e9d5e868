package io.unifiedlatents.core.spark.evaluation;

import ai.djl.Device;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.judge.Reconstructor;
import io.unifiedlatents.core.metrics.detector.DetectorFile;
import io.unifiedlatents.core.metrics.detector.FeatureExtractor;
import io.unifiedlatents.core.metrics.detector.PerceptualDistance;
import io.unifiedlatents.core.metrics.features.FeatureWriter;
import io.unifiedlatents.core.metrics.picture.PictureBatches;
import io.unifiedlatents.core.metrics.picture.PictureFigures;
import io.unifiedlatents.core.metrics.picture.PictureSets;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.spark.cluster.Devices;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reconstructs the pictures of some units and compares them with their originals.
 *
 * @param networks of the run
 * @param originals directory for features of the originals
 * @param reconstructions directory for those of the reconstructions
 */
record ReconstructTask(RunNetworks networks, String originals, String reconstructions)
        implements FlatMapFunction<Iterator<Integer>, ReconstructTask.Unit> {
    /**
     * The result of a unit.
     *
     * @param unit its index; units are joined in this order
     * @param pictures figures of each, in order
     * @param rows vectors written for originals, and as many for reconstructions, by kind; empty without a detector
     */
    record Unit(int unit, List<PictureFigures> pictures, Map<String, Integer> rows) implements Serializable {}

    @Override
    public Iterator<Unit> call(Iterator<Integer> units) throws Exception {
        RunConfig config = networks.config();
        EvaluateConfig evaluate = config.evaluate();
        Configuration hadoop = TaskHadoop.conf();
        Device device = Devices.ofTask(config.compute());
        PictureSet set = PictureSets.open(config.data().validation(), evaluate.images(), evaluate.batch(), hadoop);
        List<Unit> results = new ArrayList<>();
        try (LoadedNetworks loaded = networks.load(hadoop);
                FeatureExtractor extractor = evaluate.detector().file().isEmpty()
                        ? null
                        : FeatureWriter.extractor(evaluate, device, hadoop);
                PerceptualDistance lpips = evaluate.lpips().isEmpty()
                        ? null
                        : new PerceptualDistance(
                                DetectorFile.read("evaluate.lpips", evaluate.lpips(), hadoop),
                                evaluate.batch(),
                                device)) {
            Judge judge = new Judge(
                    networks.reconstructor(loaded),
                    writer(extractor, evaluate, set.frames(), originals, hadoop),
                    writer(extractor, evaluate, set.frames(), reconstructions, hadoop),
                    lpips,
                    evaluate.batch());
            while (units.hasNext()) {
                results.add(judge.unit(set, units.next()));
            }
        }
        return results.iterator();
    }

    private static @Nullable FeatureWriter writer(
            @Nullable FeatureExtractor extractor,
            EvaluateConfig evaluate,
            int frames,
            String directory,
            Configuration hadoop)
            throws IOException {
        return extractor == null
                ? null
                : new FeatureWriter(extractor, evaluate.clips(), frames, Storage.at(directory, hadoop));
    }

    /** The networks and writers that a task judges with. */
    private record Judge(
            Reconstructor reconstructor,
            @Nullable FeatureWriter originals,
            @Nullable FeatureWriter reconstructions,
            @Nullable PerceptualDistance lpips,
            int batch) {
        Unit unit(PictureSet set, int unit) throws IOException {
            List<PictureFigures> figures = new ArrayList<>();
            PictureBatches batches =
                    new PictureBatches(batch, (first, ids, pictures) -> figures.addAll(judge(ids, pictures)));
            set.read(unit, batches);
            batches.flush();
            if (originals == null || reconstructions == null) {
                return new Unit(unit, figures, Map.of());
            }
            originals.finish(unit);
            return new Unit(unit, figures, reconstructions.finish(unit));
        }

        private List<PictureFigures> judge(List<String> ids, List<Rgb> pictures) {
            Reconstructor.Result made = RunNetworks.reconstruct(reconstructor, ids, pictures, batch);
            List<Rgb> reconstructed = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                Rgb original = pictures.get(i);
                reconstructed.add(new Rgb(original.width(), original.height(), made.pixels()[i]));
            }
            double[] perceptual = lpips == null ? null : lpips.distances(pictures, reconstructed);
            List<PictureFigures> figures = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                if (originals != null && reconstructions != null) {
                    originals.add(ids.get(i), pictures.get(i));
                    reconstructions.add(ids.get(i), reconstructed.get(i));
                }
                figures.add(PictureFigures.of(
                        ids.get(i),
                        pictures.get(i),
                        reconstructed.get(i),
                        perceptual == null ? Double.NaN : perceptual[i],
                        made.bitsPerPixel()[i],
                        made.baseBitsPerPixel()[i]));
            }
            return figures;
        }
    }
}
