package io.unifiedlatents.core.data;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Small data sets for tests. */
final class Samples {
    static final int RESOLUTION = 8;
    static final LatentShape SHAPE = new LatentShape(2, 2, 1);

    static final ShardFooter FOOTER =
            new ShardFooter("none", Encoding.PNG, List.of("class0", "class1", "class2"), "c0");

    private Samples() {}

    static Rgb picture(int number) {
        byte[] pixels = new byte[3 * RESOLUTION * RESOLUTION];
        new SplittableRandom(number).nextBytes(pixels);
        return new Rgb(RESOLUTION, RESOLUTION, pixels);
    }

    static ImageRow row(int number) throws IOException {
        byte[] png = ImageCodec.encodePng(picture(number));
        String source = "class" + number % 3 + "/" + number + ".png";
        return new ImageRow(
                Hashes.sampleId(source, 0),
                png,
                number % 3,
                "class" + number % 3,
                number % 2 == 0 ? null : "number " + number,
                RESOLUTION,
                RESOLUTION,
                source,
                Hashes.sha256(png));
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
        return Dataset.publish(storage, DatasetManifest.images(RESOLUTION, FOOTER, 5, shards));
    }

    static Dataset latents(Storage storage, Dataset images) throws IOException {
        List<ShardInfo> shards = new ArrayList<>();
        int number = 0;
        for (ShardInfo shard : images.manifest().shards()) {
            try (ShardWriter<LatentRow> writer = ShardWriter.latents(storage, shard, SHAPE, "e0", "c1")) {
                for (int i = 0; i < shard.rows(); i++, number++) {
                    ImageRow row = row(number);
                    writer.write(new LatentRow(row.id(), row.label(), latent(number)));
                }
                shards.add(writer.finish());
            }
        }
        return Dataset.publish(storage, DatasetManifest.latents(images.manifest(), SHAPE, "e0", "c1", shards));
    }
}
