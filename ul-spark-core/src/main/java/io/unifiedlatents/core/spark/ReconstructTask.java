package io.unifiedlatents.core.spark;

import ai.djl.Device;
import io.unifiedlatents.core.config.EvaluateConfig;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.metrics.FeatureWriter;
import io.unifiedlatents.core.metrics.PerceptualDistance;
import io.unifiedlatents.core.metrics.PictureBatches;
import io.unifiedlatents.core.metrics.PictureFigures;
import io.unifiedlatents.core.metrics.PictureSets;
import io.unifiedlatents.core.metrics.Reconstructor;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.FlatMapFunction;

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
     * What a unit gave.
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
        PictureSet set = PictureSets.open(config.data().validation(), evaluate.images(), hadoop);
        List<Unit> results = new ArrayList<>();
        try (Reconstructor reconstructor = networks.open(hadoop);
                FeatureWriter original = FeatureWriter.open(evaluate, originals, device, hadoop);
                FeatureWriter reconstructed = FeatureWriter.open(evaluate, reconstructions, device, hadoop);
                PerceptualDistance lpips = PerceptualDistance.open(evaluate.lpips(), device, hadoop)) {
            while (units.hasNext()) {
                int unit = units.next();
                List<PictureFigures> figures = new ArrayList<>();
                PictureBatches batches = new PictureBatches(evaluate.batch(), (int first, List<String> ids, List<Rgb> pictures) -> {
                    Reconstructor.Result made =
                            RunNetworks.reconstruct(reconstructor, ids, pictures, evaluate.batch());
                    for (int i = 0; i < ids.size(); i++) {
                        Rgb picture = pictures.get(i);
                        Rgb reconstruction = new Rgb(picture.width(), picture.height(), made.pixels()[i]);
                        original.add(ids.get(i), picture);
                        reconstructed.add(ids.get(i), reconstruction);
                        figures.add(PictureFigures.of(ids.get(i), picture, reconstruction, lpips.of(picture, reconstruction), made.bitsPerPixel()[i]));
                    }
                });
                set.read(unit, batches);
                batches.flush();
                original.finish(unit);
                results.add(new Unit(unit, figures, reconstructed.finish(unit)));
            }
        }
        return results.iterator();
    }
}
