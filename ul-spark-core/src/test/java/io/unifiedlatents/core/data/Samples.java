package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Small data sets for tests. */
final class Samples {
    static final SampleShape PICTURE = SampleShape.picture(6, 8);
    static final SampleShape LATENT = new SampleShape(1, 2, 1, 2);
    static final SampleShape CLIP = new SampleShape(3, 6, 8, 3);

    static final ShardFooter FOOTER =
            new ShardFooter("none", Encoding.PNG, List.of("class0", "class1", "class2"), "c0");

    private Samples() {}

    static Rgb picture(int number) {
        return sample(PICTURE, number);
    }

    /** A picture, or the frames of a clip below each other. */
    static Rgb sample(SampleShape shape, int number) {
        byte[] pixels = new byte[shape.values()];
        new SplittableRandom(number).nextBytes(pixels);
        return Rgb.of(shape, pixels);
    }

    static ImageRow row(int number) throws IOException {
        return row(number, PICTURE, Encoding.PNG);
    }

    static ImageRow row(int number, SampleShape shape, Encoding encoding) throws IOException {
        byte[] stored = encoding.encode(sample(shape, number));
        String source = "class" + number % 3 + "/" + number + ".png";
        return new ImageRow(
                Hashes.sampleId(source, 0),
                stored,
                number % 3,
                "class" + number % 3,
                number % 2 == 0 ? null : "number " + number,
                shape.width(),
                shape.height(),
                source,
                Hashes.sha256(stored));
    }

    static float[] latent(int number) {
        return new float[] {number, number + 0.25f, -number, Float.MIN_VALUE};
    }

    static ShardInfo shard(Storage storage, String name, int first, int rows, int rowGroupRows) throws IOException {
        try (ShardWriter<ImageRow> writer =
                ShardWriter.images(storage, name, RowGroupLimit.rows(rowGroupRows), FOOTER)) {
            for (int i = first; i < first + rows; i++) {
                writer.write(row(i));
            }
            return writer.finish();
        }
    }

    /** Shards of the given numbers of rows; pictures numbered through. */
    static Dataset images(Storage storage, int rowGroupRows, int... rows) throws IOException {
        List<ShardInfo> shards = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < rows.length; i++) {
            shards.add(shard(storage, "shard-" + i + ".parquet", first, rows[i], rowGroupRows));
            first += rows[i];
        }
        return Dataset.publish(storage, DatasetManifest.images(PICTURE, FOOTER, 5, shards));
    }

    /** One shard of clips in row groups of two. */
    static Dataset clips(Storage storage, Encoding encoding, int rows) throws IOException {
        ShardFooter footer = new ShardFooter("none", encoding, FOOTER.classes(), "c0");
        try (ShardWriter<ClipRow> writer = ShardWriter.clips(storage, "clips.parquet", RowGroupLimit.rows(2), footer)) {
            for (int i = 0; i < rows; i++) {
                ClipTiming timing = new ClipTiming(0, 0, 1, 0, 25, List.of(0.0, 0.04, 0.08));
                writer.write(new ClipRow(row(i, CLIP, encoding), timing));
            }
            return Dataset.publish(storage, DatasetManifest.clips(CLIP, footer, 5, List.of(writer.finish())));
        }
    }

    static Dataset latents(Storage storage, Dataset images) throws IOException {
        List<ShardInfo> shards = new ArrayList<>();
        int number = 0;
        for (ShardInfo shard : images.manifest().shards()) {
            try (ShardWriter<LatentRow> writer = ShardWriter.latents(storage, shard, LATENT, "e0", "c1")) {
                for (int i = 0; i < shard.rows(); i++, number++) {
                    ImageRow row = row(number);
                    writer.write(new LatentRow(row.id(), row.label(), latent(number)));
                }
                shards.add(writer.finish());
            }
        }
        return Dataset.publish(
                storage,
                DatasetManifest.latents(
                        images.manifest(),
                        LATENT,
                        new DatasetManifest.EncoderIdentity("e0", "s0", "r0"),
                        "c1",
                        shards));
    }
}
