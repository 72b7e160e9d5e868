package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.data.Encoding;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.dataprep.source.Unreadable;
import java.io.IOException;
import java.util.Locale;

/** Makes one sample of each picture. */
record PictureMaker(int resolution, Encoding encoding) implements SampleMaker {
    static PictureMaker of(PrepareConfig config) {
        return new PictureMaker(
                config.resolution(), Encoding.valueOf(config.encoding().toUpperCase(Locale.ROOT)));
    }

    @Override
    public Size make(String path, byte[] bytes, Sink samples) throws Unreadable, IOException {
        Rgb picture = decode(bytes);
        Rgb made = CentreCrop.apply(picture, resolution);
        byte[] stored = encoding == Encoding.ORIGINAL ? bytes : encoding.encode(made);
        samples.add(new Sample(0, stored, made.width(), made.height(), null));
        return new Size(picture.width(), picture.height());
    }

    private static Rgb decode(byte[] bytes) throws Unreadable {
        try {
            return SourceImage.decode(bytes);
        } catch (SourceImage.Unreadable e) {
            throw new Unreadable(String.valueOf(e.getMessage()));
        }
    }
}
