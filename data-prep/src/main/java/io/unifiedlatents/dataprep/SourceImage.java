package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes an input of unknown origin: its header is checked before its pixels are. */
final class SourceImage {
    /** Larger pictures are refused: 600 MB of pixels would not fit beside training. */
    static final long MAX_PIXELS = 200_000_000;

    static {
        ImageIO.scanForPlugins(); // readers in jars that Spark added after ImageIO was first used
    }

    private SourceImage() {}

    /** Why an input is skipped. */
    static final class Unreadable extends Exception {
        Unreadable(String reason) {
            super(reason);
        }
    }

    /**
     * Decodes a JPEG, PNG, WebP or whatever else ImageIO finds a reader for.
     *
     * @throws Unreadable where the bytes are no picture, are damaged or have too many pixels
     */
    static Rgb decode(byte[] bytes) throws Unreadable {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new Unreadable("not a picture in a known format");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MAX_PIXELS) {
                    throw new Unreadable("too large: %d x %d pixels, at most %d million are read"
                            .formatted(reader.getWidth(0), reader.getHeight(0), MAX_PIXELS / 1_000_000));
                }
                return ImageCodec.toRgb(reader.read(0));
            } finally {
                reader.dispose();
            }
        } catch (IOException | RuntimeException e) { // ImageIO readers throw both on damaged input
            throw new Unreadable("damaged picture: " + e);
        }
    }
}
