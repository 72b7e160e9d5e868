package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.core.data.ClipRow;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.function.PairFunction;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Reads and decodes one shard on an executor; returns its split and tally. */
record DescribeTask(Selection selection, SerializableConfiguration hadoop)
        implements PairFunction<DescribeTask.Assignment, String, SplitTally> {
    private static final int PICTURE_SIDE = 128;
    private static final int FRAME_SIDE = 80;
    private static final int MOST_FRAMES = 16;

    static {
        ImageIO.scanForPlugins(); // readers in jars that Spark added after ImageIO was first used
    }

    /**
     * A shard to read.
     *
     * @param split name of its data set
     * @param directory of the data set
     * @param index in its manifest
     */
    record Assignment(String split, String directory, int index) implements Serializable {}

    @Override
    public Tuple2<String, SplitTally> call(Assignment shard) throws IOException {
        Dataset dataset = Dataset.open(Storage.at(shard.directory(), hadoop.value()));
        DatasetManifest manifest = dataset.manifest();
        boolean clips = manifest.kind().equals(DatasetManifest.CLIPS);
        SplitTally tally = new SplitTally(manifest.classes().size(), selection.perClass());
        try (ShardReader reader = dataset.open(manifest.shards().get(shard.index()))) {
            for (int group = 0; group < reader.rowGroups(); group++) {
                List<ImageRow> rows =
                        clips ? reader.clips(group).stream().map(ClipRow::stack).toList() : reader.images(group);
                for (ImageRow row : rows) {
                    count(shard, manifest, row, tally);
                }
            }
        }
        return new Tuple2<>(shard.split(), tally);
    }

    private void count(Assignment shard, DatasetManifest manifest, ImageRow row, SplitTally tally) throws IOException {
        if (row.label() < 0 || row.label() >= manifest.classes().size()) {
            throw damaged(shard, manifest, row, "label " + row.label() + " is of no class");
        }
        tally.count(row.label(), row.image().length);
        Rgb picture = decode(shard, manifest, row);
        tally.pixels().add(picture);
        String key = Hashes.sha256(row.id());
        if (selection.has(row.label()) && tally.wants(row.label(), key)) {
            boolean clips = manifest.kind().equals(DatasetManifest.CLIPS);
            int frames = clips ? Objects.requireNonNull(manifest.shape()).frames() : 1;
            Thumbnail thumbnail = Thumbnail.of(picture, frames, clips ? FRAME_SIDE : PICTURE_SIDE, MOST_FRAMES);
            tally.keep(new SplitTally.Sample(key, shard.split(), row.label(), row.source(), row.caption(), thumbnail));
        }
    }

    private static Rgb decode(Assignment shard, DatasetManifest manifest, ImageRow row) throws IOException {
        try {
            return manifest.decode(row.image());
        } catch (IOException e) {
            throw damaged(shard, manifest, row, String.valueOf(e.getMessage()));
        }
    }

    private static CorruptDataException damaged(Assignment shard, DatasetManifest manifest, ImageRow row, String what) {
        return new CorruptDataException("%s/%s, id %s: %s; VerifyDataset finds all that is wrong"
                .formatted(
                        shard.directory(), manifest.shards().get(shard.index()).name(), row.id(), what));
    }
}
