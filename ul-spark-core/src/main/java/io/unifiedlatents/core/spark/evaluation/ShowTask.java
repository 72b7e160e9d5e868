package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.judge.Reconstructor;
import io.unifiedlatents.core.metrics.picture.PictureBatches;
import io.unifiedlatents.core.metrics.picture.PictureGrid;
import io.unifiedlatents.core.metrics.picture.PictureSets;
import io.unifiedlatents.core.sample.LoadedNetworks;
import io.unifiedlatents.core.spark.cluster.TaskHadoop;
import io.unifiedlatents.core.spark.inference.RunNetworks;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * Makes some reconstructions once more, to be looked at: in the batches they were judged in, so that they are the same.
 */
record ShowTask(RunNetworks networks) implements FlatMapFunction<Iterator<ShowTask.Wanted>, ShowTask.Made> {
    /**
     * Pictures of a unit.
     *
     * @param unit of the set
     * @param rows in the unit, ascending
     */
    record Wanted(int unit, List<Integer> rows) implements Serializable {}

    /**
     * One of them.
     *
     * @param unit of the set
     * @param row in the unit
     * @param pair original and reconstruction
     */
    record Made(int unit, int row, PictureGrid.Pair pair) implements Serializable {}

    @Override
    public Iterator<Made> call(Iterator<Wanted> wanted) throws Exception {
        RunConfig config = networks.config();
        Configuration hadoop = TaskHadoop.conf();
        PictureSet set = PictureSets.open(
                config.data().validation(),
                config.evaluate().images(),
                config.evaluate().batch(),
                hadoop);
        List<Made> pairs = new ArrayList<>();
        try (LoadedNetworks loaded = networks.load(hadoop)) {
            Reconstructor reconstructor = networks.reconstructor(loaded);
            while (wanted.hasNext()) {
                add(wanted.next(), set, reconstructor, config.evaluate().batch(), pairs);
            }
        }
        return pairs.iterator();
    }

    private static void add(Wanted wanted, PictureSet set, Reconstructor reconstructor, int batch, List<Made> pairs)
            throws IOException {
        PictureBatches batches = new PictureBatches(batch, (int first, List<String> ids, List<Rgb> pictures) -> {
            List<Integer> rows = wanted.rows.stream()
                    .filter(row -> row >= first && row < first + ids.size())
                    .toList();
            if (!rows.isEmpty()) {
                byte[][] made = RunNetworks.reconstruct(reconstructor, ids, pictures, batch)
                        .pixels();
                rows.forEach(row -> pairs.add(new Made(
                        wanted.unit,
                        row,
                        new PictureGrid.Pair(pictures.get(row - first).pixels(), made[row - first]))));
            }
        });
        set.read(wanted.unit, batches);
        batches.flush();
    }
}
