package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The decoder in Java: readers of the JDK, and of TwelveMonkeys for WebP and the JPEGs that the JDK's refuses. */
final class ImageIoDecoder {
    static {
        ImageIO.scanForPlugins(); // readers in jars that Spark added after ImageIO was first used
    }

    private final PictureDecoder settings;

    ImageIoDecoder(PictureDecoder settings) {
        this.settings = settings;
    }

    private interface Read {
        Rgb by(ImageReader reader) throws IOException;
    }

    /** The first picture of a file. */
    Rgb decode(byte[] bytes) throws IOException, Unreadable {
        return first(bytes, reader -> ImageCodec.toRgb(reader.read(0), settings.background()));
    }

    Rgb decodeJpeg(byte[] bytes, JpegHeader header) throws IOException, Unreadable {
        return header.components() == 4
                ? first(bytes, reader -> rgb(reader.readRaster(0, null), header.adobeTransform()))
                : decode(bytes);
    }

    /** Returns the result of the first reader that does not fail; throws the first failure where all do. */
    private Rgb first(byte[] bytes, Read read) throws IOException, Unreadable {
        Exception failure = null;
        for (ImageReader reader : readers(bytes)) {
            try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
                reader.setInput(in, true, true);
                settings.checkPixels(reader.getWidth(0), reader.getHeight(0));
                return read.by(reader);
            } catch (IOException | RuntimeException e) { // readers throw both on damaged input
                failure = failure == null ? e : failure;
            } finally {
                reader.dispose();
            }
        }
        if (failure == null) {
            throw Unreadable.unknown();
        }
        throw new IOException(failure.toString(), failure);
    }

    private static List<ImageReader> readers(byte[] bytes) throws IOException {
        List<ImageReader> readers = new ArrayList<>();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            for (Iterator<ImageReader> all = ImageIO.getImageReaders(in); all.hasNext(); ) {
                readers.add(all.next());
            }
        }
        return readers;
    }

    /** CMYK or YCCK as stored. An Adobe segment says that the values are inverted. */
    private static Rgb rgb(Raster raster, int adobeTransform) {
        int width = raster.getWidth();
        int[] row = new int[4 * width];
        byte[] pixels = new byte[Math.multiplyExact(3, width * raster.getHeight())];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < row.length; x += 4, to += 3) {
                int black = adobeTransform < 0 ? 255 - row[x + 3] : row[x + 3];
                for (int channel = 0; channel < 3; channel++) {
                    int ink = adobeTransform == 2
                            ? 255 - ycc(row[x], row[x + 1] - 128, row[x + 2] - 128, channel)
                            : row[x + channel];
                    pixels[to + channel] = (byte) ((adobeTransform < 0 ? 255 - ink : ink) * black / 255);
                }
            }
        }
        return new Rgb(width, raster.getHeight(), pixels);
    }

    /** Red, green or blue of JFIF's YCbCr. */
    private static int ycc(int y, int cb, int cr, int channel) {
        double value = switch (channel) {
            case 0 -> y + 1.402 * cr;
            case 1 -> y - 0.344136 * cb - 0.714136 * cr;
            default -> y + 1.772 * cb;
        };
        return (int) Math.min(255, Math.max(0, Math.rint(value)));
    }
}
