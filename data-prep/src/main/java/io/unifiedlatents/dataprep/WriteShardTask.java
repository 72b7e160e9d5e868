package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.ImageRow;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.core.data.ShardWriter;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.picture.PictureDecoder;
import io.unifiedlatents.dataprep.picture.PictureTransform;
import io.unifiedlatents.dataprep.picture.Unreadable;
import java.io.IOException;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/** Second pass: decodes, transforms and writes the rows of one shard; the same plan gives the same bytes anywhere. */
record WriteShardTask(
        String source,
        String output,
        int resolution,
        int rowGroupRows,
        String configHash,
        SerializableConfiguration hadoop)
        implements Function<ShardPlan, ShardInfo> {
    @Override
    public ShardInfo call(ShardPlan plan) throws IOException {
        Storage pictures = Storage.at(source, hadoop.value());
        Storage split = Storage.at(output, hadoop.value()).directory(plan.split());
        String transform = centreCrop().id();
        try (ShardWriter<ImageRow> shard =
                ShardWriter.images(split, plan.name(), rowGroupRows, transform, configHash)) {
            for (int i = 0; i < plan.inputs().size(); i++) {
                shard.write(row(pictures, plan.inputs().get(i), plan.labels().get(i)));
            }
            return shard.finish();
        }
    }

    private ImageRow row(Storage pictures, Input input, int label) throws IOException {
        byte[] png = ImageCodec.encodePng(centreCrop().apply(decode(pictures, input), input.id()));
        return new ImageRow(
                input.id(), png, label, input.className(), resolution, resolution, input.path(), Hashes.sha256(png));
    }

    private PictureTransform centreCrop() {
        return PictureTransform.named("centre-crop", resolution, 0);
    }

    private static Rgb decode(Storage pictures, Input input) throws IOException {
        try {
            return PictureDecoder.STANDARD.decode(pictures.read(input.path()));
        } catch (Unreadable e) {
            throw new IOException(
                    pictures.path(input.path()) + " could be decoded before and now cannot: " + e.getMessage()
                            + "; run again with sources that do not change",
                    e);
        }
    }
}
