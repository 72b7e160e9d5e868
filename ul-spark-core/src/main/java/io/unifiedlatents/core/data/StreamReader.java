package io.unifiedlatents.core.data;

import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the encoded samples of one stream, a window at a time. Not thread safe. */
final class StreamReader {
    /** A sample and where it lies. */
    record Located(
            ShardInfo shard,
            int group,
            int row,
            String id,
            int label,
            byte @Nullable [] image,
            @Nullable LatentRow latent) {
        /** Names the sample in error messages. */
        String where() {
            return "shard %s, row group %d, row %d (id %s)".formatted(shard.name(), group, row, id);
        }
    }

    private record LoadedGroup(ShardInfo shard, int group, List<ImageSample> samples, List<LatentRow> latents) {
        Located located(int row) {
            LatentRow latent = latents.isEmpty() ? null : latents.get(row);
            if (samples.isEmpty()) {
                LatentRow alone = Objects.requireNonNull(latent);
                return new Located(shard, group, row, alone.id(), alone.label(), null, alone);
            }
            ImageSample sample = samples.get(row);
            return new Located(shard, group, row, sample.id(), sample.label(), sample.image(), latent);
        }
    }

    private final MicroBatches.Source source;
    private final SampleOrder.Cursor cursor;
    private SampleOrder.@Nullable Window window;
    private List<LoadedGroup> loaded = List.of();
    private int position;

    StreamReader(MicroBatches.Source source, SampleOrder.Cursor cursor) {
        this.source = source;
        this.cursor = cursor;
    }

    /** The next {@code count} samples of the stream. */
    List<Located> next(int count) throws IOException {
        List<Located> samples = new ArrayList<>(count);
        while (samples.size() < count) {
            SampleOrder.Window open = window;
            if (open == null || position == open.size()) {
                open = nextWindow();
            }
            LoadedGroup group = loaded.get(open.group(position));
            samples.add(group.located(open.row(position)));
            position++;
        }
        return samples;
    }

    private SampleOrder.Window nextWindow() throws IOException {
        loaded = List.of(); // the old window may go before the new one comes
        SampleOrder.Window next = cursor.next();
        List<LoadedGroup> groups = new ArrayList<>();
        for (int group : next.groups()) {
            groups.add(load(group));
        }
        loaded = groups;
        position = next.start();
        window = next;
        return next;
    }

    private LoadedGroup load(int group) throws IOException {
        Dataset.Location location = source.images().location(group);
        Dataset latents = source.latents();
        int index = location.groupInShard();
        List<ImageSample> samples = List.of();
        if (source.pixels()) {
            try (ShardReader reader = source.images().open(location.shard())) {
                samples = reader.samples(index);
            }
        }
        List<LatentRow> rows = List.of();
        if (latents != null) {
            try (ShardReader reader = latents.open(latents.location(group).shard())) {
                rows = reader.latents(index);
            }
        }
        if (source.pixels() && latents != null) {
            requireSameIds(location.shard(), index, samples, rows);
        }
        return new LoadedGroup(location.shard(), index, samples, rows);
    }

    private static void requireSameIds(ShardInfo shard, int group, List<ImageSample> samples, List<LatentRow> latents)
            throws IOException {
        for (int row = 0; row < samples.size(); row++) {
            String image = samples.get(row).id();
            String latent = latents.get(row).id();
            if (!image.equals(latent)) {
                throw new CorruptDataException(
                        "latents of shard %s, row group %d, row %d are of picture %s, the picture is %s; extract them again"
                                .formatted(shard.name(), group, row, latent, image));
            }
        }
    }
}
