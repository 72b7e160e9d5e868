package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.data.DatasetManifest;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.data.ShardFooter;
import io.unifiedlatents.core.data.ShardInfo;
import io.unifiedlatents.dataprep.picture.PictureDecoder;
import io.unifiedlatents.dataprep.picture.PictureTransform;
import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.IOException;
import java.util.List;

/**
 * Makes one sample of each picture.
 *
 * @param libraries that decode on the driver: executors must have the same, for others round differently
 */
record PictureMaker(PictureDecoder decoder, PictureTransform picture, Encoding encoding, String libraries)
        implements SampleMaker {
    static PictureMaker of(PrepareConfig config) {
        return new PictureMaker(
                new PictureDecoder(config.backgroundRgb(), 1_000_000L * config.maxMegapixels()),
                PictureTransform.named(config.transform(), config.height(), config.width(), config.seed()),
                Encoding.named(config.encoding()),
                PictureDecoder.libraries());
    }

    @Override
    public String transform() {
        return picture.id() + ", decoded by " + libraries;
    }

    @Override
    public boolean clips() {
        return false;
    }

    @Override
    public DatasetManifest manifest(ShardFooter footer, long seed, List<ShardInfo> shards) {
        return DatasetManifest.images(picture.shape(), footer, seed, shards);
    }

    @Override
    public Size make(String path, byte[] bytes, Sink samples) throws UnusableInput, IOException {
        Check.setting(
                libraries.equals(PictureDecoder.libraries()),
                "pictures are decoded by %s here and by %s on the driver; run all of them on one kind of machine",
                PictureDecoder.libraries(),
                libraries);
        Rgb source = decoder.decode(bytes);
        Rgb made = picture.apply(source, Hashes.sampleId(path, 0));
        byte[] stored = encoding == Encoding.ORIGINAL ? bytes : encoding.encode(made);
        samples.add(new Sample(0, stored, made.width(), made.height(), null));
        return new Size(source.width(), source.height());
    }
}
