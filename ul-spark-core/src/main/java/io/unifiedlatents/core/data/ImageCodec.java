package io.unifiedlatents.core.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Encoded pictures to and from 8-bit RGB. Sample values are taken as they are stored, without colour management; grey
 * is repeated, 16 bits keep their upper 8, alpha is laid over white; other colour models go through Java's conversion.
 */
public final class ImageCodec {
    /** The background of transparent pixels in {@link #decode}. */
    public static final int WHITE = 0xFFFFFF;

    private static final int MAX = 255;

    private ImageCodec() {}

    /**
     * Decodes a picture in a format ImageIO can read.
     *
     * @throws IOException where the format is unknown or the bytes are damaged
     */
    public static Rgb decode(byte[] encoded) throws IOException {
        Rgb png = decodePlainPng(encoded);
        return png != null ? png : decodeByImageIo(encoded);
    }

    /**
     * Decodes the kind of PNG that {@link #encodePng} writes, 8-bit RGB; takes 6 bytes of memory a pixel.
     *
     * @return null where this is another kind, or no PNG
     * @throws IOException where it is damaged
     */
    public static @Nullable Rgb decodePlainPng(byte[] encoded) throws IOException {
        return PngDecoder.decode(encoded);
    }

    private static Rgb decodeByImageIo(byte[] encoded) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException("not a picture in a known format");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                return toRgb(reader.read(0), WHITE);
            } finally {
                reader.dispose();
            }
        } catch (RuntimeException e) {
            throw new IOException("damaged picture (" + e + ")", e); // ImageIO readers throw these on damaged input
        }
    }

    /** Encodes a picture as 8-bit RGB PNG, the same bytes for the same picture everywhere. */
    public static byte[] encodePng(Rgb image) {
        return PngEncoder.encode(image);
    }

    /**
     * Converts a picture as ImageIO decoded it.
     *
     * @param background the colour under transparent pixels, 0xRRGGBB
     */
    public static Rgb toRgb(BufferedImage image, int background) {
        ColorModel colors = image.getColorModel();
        int space = colors.getColorSpace().getType();
        boolean direct = !(colors instanceof IndexColorModel)
                && (space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_GRAY)
                && image.getRaster().getNumBands() == colors.getNumComponents();
        if (!direct) {
            return converted(image, background);
        }
        return new Rgb(image.getWidth(), image.getHeight(), samples(image, background));
    }

    /** Grey or RGB samples of any depth, with or without alpha. */
    private static byte[] samples(BufferedImage image, int background) {
        Raster raster = image.getRaster();
        ColorModel colors = image.getColorModel();
        int width = image.getWidth();
        int bands = raster.getNumBands();
        int alphaBand = colors.hasAlpha() ? bands - 1 : -1;
        int colorBands = bands - (colors.hasAlpha() ? 1 : 0);
        byte[] pixels = new byte[Math.multiplyExact(3, width * image.getHeight())];
        if (bands == 3
                && raster.getTransferType() == DataBuffer.TYPE_BYTE
                && raster.getNumDataElements() == 3
                && colors.getPixelSize() == 3 * Byte.SIZE) { // 8-bit RGB, the common case, copied at once
            raster.getDataElements(raster.getMinX(), raster.getMinY(), width, image.getHeight(), pixels);
            return pixels;
        }
        int[] row = new int[width * bands];
        int to = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int from = 0; from < row.length; from += bands) {
                int alpha = alphaBand < 0 ? MAX : to8(row[from + alphaBand], colors.getComponentSize(alphaBand));
                for (int color = 0; color < 3; color++) {
                    int band = colorBands == 1 ? 0 : color;
                    int value = to8(row[from + band], colors.getComponentSize(band));
                    pixels[to++] = over(value, alpha, colors.isAlphaPremultiplied(), background >> (16 - 8 * color));
                }
            }
        }
        return pixels;
    }

    /** Palettes and colour models such as YCbCr or CMYK. */
    private static Rgb converted(BufferedImage image, int background) {
        int width = image.getWidth();
        byte[] pixels = new byte[Math.multiplyExact(3, width * image.getHeight())];
        int[] row = new int[width];
        int to = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int argb : row) {
                int alpha = argb >>> 24;
                pixels[to++] = over(argb >> 16, alpha, false, background >> 16);
                pixels[to++] = over(argb >> 8, alpha, false, background >> 8);
                pixels[to++] = over(argb, alpha, false, background);
            }
        }
        return new Rgb(width, image.getHeight(), pixels);
    }

    private static int to8(int sample, int bits) {
        return bits >= 8 ? sample >> (bits - 8) : sample * MAX / ((1 << bits) - 1);
    }

    /**
     * A colour laid over a background, rounded to nearest.
     *
     * @param color sample whose lower 8 bits count
     * @param alpha 0 to 255
     * @param premultiplied whether the colour has been multiplied by alpha
     * @param background sample whose lower 8 bits count
     */
    public static byte over(int color, int alpha, boolean premultiplied, int background) {
        int scaled = (color & 0xFF) * (premultiplied ? MAX : alpha);
        return (byte) Math.min(MAX, (scaled + (background & 0xFF) * (MAX - alpha) + MAX / 2) / MAX);
    }

    /** Mirrors rows of RGB pixels left to right, in place. */
    static void mirror(Rgb image) {
        byte[] pixels = image.pixels();
        int stride = 3 * image.width();
        byte[] row = new byte[stride];
        for (int start = 0; start < pixels.length; start += stride) {
            System.arraycopy(pixels, start, row, 0, stride);
            for (int x = 0; x < stride; x += 3) {
                System.arraycopy(row, x, pixels, start + stride - 3 - x, 3);
            }
        }
    }
}
