package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures or clips of a data set. Units are runs of whole row groups, of as many rows as fill batches or a few more.
 */
public final class ShardPictures implements PictureSet {
    /**
     * A unit.
     *
     * @param firstGroup its first row group
     * @param endGroup the group after its last
     * @param rows taken; fewer than the groups have where the limit cuts the last
     */
    private record Unit(int firstGroup, int endGroup, int rows) {}

    private final Dataset dataset;
    private final List<Unit> units = new ArrayList<>();

    /**
     * Takes rows from the first on.
     *
     * @param limit rows taken; 0 for all
     * @param batch rows that networks are given at once
     * @throws io.unifiedlatents.core.config.ConfigException if it holds latents, or fewer rows than the limit
     */
    public ShardPictures(Dataset dataset, int limit, int batch) {
        DatasetManifest manifest = dataset.manifest();
        Check.setting(
                !manifest.kind().equals(DatasetManifest.LATENTS),
                "%s holds latents; name a data set of pictures or clips",
                dataset.storage());
        Check.setting(
                limit <= manifest.rows() && manifest.rows() > 0 && manifest.rows() <= Integer.MAX_VALUE,
                "%s has %d rows, %d are asked for",
                dataset.storage(),
                manifest.rows(),
                limit);
        this.dataset = dataset;
        int[] groups = dataset.rowGroupRows();
        int wanted = limit == 0 ? (int) manifest.rows() : limit;
        int least = PictureSet.unitRows(wanted, batch);
        int first = 0;
        int rows = 0;
        for (int group = 0; wanted > 0; group++) {
            rows += Math.min(groups[group], wanted);
            wanted -= Math.min(groups[group], wanted);
            if (rows >= least || wanted == 0) {
                units.add(new Unit(first, group + 1, rows));
                first = group + 1;
                rows = 0;
            }
        }
    }

    @Override
    public String location() {
        return dataset.storage().toString();
    }

    @Override
    public String hash() {
        return dataset.manifest().datasetHash();
    }

    @Override
    public @Nullable SampleShape shape() {
        return dataset.manifest().shape();
    }

    @Override
    public List<Integer> rows() {
        return units.stream().map(Unit::rows).toList();
    }

    @Override
    public void read(int index, Sink sink) throws IOException {
        Unit unit = units.get(index);
        int left = unit.rows;
        for (int group = unit.firstGroup; group < unit.endGroup; group++) {
            Dataset.Location location = dataset.location(group);
            List<ImageSample> samples;
            try (ShardReader reader = dataset.open(location.shard())) {
                samples = reader.samples(location.groupInShard());
            }
            for (ImageSample sample : samples.subList(0, Math.min(left, samples.size()))) {
                sink.accept(sample.id(), dataset.decode(location.shard(), sample));
            }
            left -= samples.size();
        }
    }
}
