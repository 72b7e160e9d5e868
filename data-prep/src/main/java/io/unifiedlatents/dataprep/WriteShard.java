package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.ClipRow;
import io.unifiedlatents.core.data.ClipTiming;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.RowGroupLimit;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardReader;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.lease.Fence;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The second pass: assembles one shard from the work files. The same plan gives the same bytes anywhere. A shard that
 * an earlier run wrote with the same rows and settings is kept.
 */
record WriteShard(
        String output,
        String work,
        RowGroupLimit rowGroups,
        ShardFooter footer,
        boolean clips,
        long lease,
        SerializableConfiguration hadoop)
        implements Function<Plan.Shard, ShardInfo> {
    @Override
    public ShardInfo call(Plan.Shard plan) throws IOException {
        Storage split =
                Storage.at(output, hadoop.value()).directory(plan.split().directory());
        if (isWritten(split, plan)) {
            return ShardReader.describe(split, plan.name());
        }
        try (WorkFiles files = new WorkFiles(Storage.at(work, hadoop.value()))) {
            return clips ? writeClips(split, plan, files) : writeImages(split, plan, files);
        }
    }

    private boolean isWritten(Storage split, Plan.Shard plan) throws IOException {
        String kind = clips ? DatasetManifest.CLIPS : DatasetManifest.IMAGES;
        try {
            return split.exists(plan.name())
                    && ShardReader.isWritten(split, plan.name(), kind, footer, plan.rowsHash());
        } catch (CorruptDataException e) {
            return false; // written anew
        }
    }

    private ShardInfo writeImages(Storage split, Plan.Shard plan, WorkFiles files) throws IOException {
        try (ShardWriter<ImageRow> shard = ShardWriter.images(split, plan.name(), rowGroups, footer)) {
            forEachRow(plan, files, (row, picture) -> shard.write(picture));
            return finish(shard);
        }
    }

    private ShardInfo writeClips(Storage split, Plan.Shard plan, WorkFiles files) throws IOException {
        try (ShardWriter<ClipRow> shard = ShardWriter.clips(split, plan.name(), rowGroups, footer)) {
            forEachRow(plan, files, (row, stack) -> {
                ClipTiming timing = Objects.requireNonNull(row.stored().timing(), "a clip has a timing");
                shard.write(new ClipRow(stack, timing));
            });
            return finish(shard);
        }
    }

    private ShardInfo finish(ShardWriter<?> shard) throws IOException {
        Fence.of(Storage.at(output, hadoop.value()), lease).check();
        return shard.finish();
    }

    private interface RowWriter {
        void write(Plan.Row row, ImageRow picture) throws IOException;
    }

    private static void forEachRow(Plan.Shard plan, WorkFiles files, RowWriter writer) throws IOException {
        List<Plan.Row> rows = plan.rows();
        for (int start = 0; start < rows.size(); start += WorkFiles.BATCH) {
            List<Plan.Row> batch = rows.subList(start, Math.min(start + WorkFiles.BATCH, rows.size()));
            List<byte[]> bytes = files.read(batch);
            for (int i = 0; i < batch.size(); i++) {
                writer.write(batch.get(i), picture(batch.get(i), bytes.get(i), files));
            }
        }
    }

    private static ImageRow picture(Plan.Row row, byte[] bytes, WorkFiles files) throws IOException {
        StoredSample stored = row.stored();
        if (!Hashes.sha256(bytes).equals(stored.sha256())) {
            throw new CorruptDataException(
                    "%s, bytes %d to %d: %s is not what was written; delete the file and run again"
                            .formatted(
                                    files.path(row.data()),
                                    stored.offset(),
                                    stored.offset() + stored.length(),
                                    row.source()));
        }
        return new ImageRow(
                row.id(),
                bytes,
                row.label(),
                row.className(),
                row.caption(),
                stored.width(),
                stored.height(),
                row.source(),
                stored.sha256());
    }
}
