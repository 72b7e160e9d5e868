package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A small picture for a page: never enlarged, PNG where it is tiny, otherwise JPEG.
 *
 * @param width in pixels
 * @param height in pixels
 * @param dataUri to be shown
 */
record Thumbnail(int width, int height, String dataUri) implements Serializable {
    private static final int LARGEST_PNG = 64;
    private static final float JPEG_QUALITY = 0.9f;

    /** Shrinks a picture until it fits a square. */
    static Thumbnail of(Rgb picture, int side) throws IOException {
        Rgb small = shrink(picture, side);
        boolean tiny = Math.max(small.width(), small.height()) <= LARGEST_PNG;
        String uri = tiny ? uri("png", ImageCodec.encodePng(small)) : uri("jpeg", jpeg(small));
        return new Thumbnail(small.width(), small.height(), uri);
    }

    /** Frames of a clip side by side, each shrunk until it fits a square; evenly chosen where there are too many. */
    static Thumbnail strip(Rgb stack, int frames, int side, int most) throws IOException {
        int height = stack.height() / frames;
        int shown = Math.min(frames, most);
        Rgb[] small = new Rgb[shown];
        for (int i = 0; i < shown; i++) {
            int frame = shown == 1 ? 0 : (int) ((long) i * (frames - 1) / (shown - 1));
            byte[] pixels = new byte[3 * stack.width() * height];
            System.arraycopy(stack.pixels(), frame * pixels.length, pixels, 0, pixels.length);
            small[i] = shrink(new Rgb(stack.width(), height, pixels), side);
        }
        int width = small[0].width();
        Rgb strip = new Rgb(shown * width, small[0].height(), new byte[3 * shown * width * small[0].height()]);
        for (int i = 0; i < shown; i++) {
            for (int y = 0; y < strip.height(); y++) {
                System.arraycopy(
                        small[i].pixels(),
                        3 * y * width,
                        strip.pixels(),
                        3 * (y * strip.width() + i * width),
                        3 * width);
            }
        }
        return new Thumbnail(strip.width(), strip.height(), uri("jpeg", jpeg(strip)));
    }

    /** Averages of the pixels that fall into each. */
    private static Rgb shrink(Rgb picture, int side) {
        int longer = Math.max(picture.width(), picture.height());
        if (longer <= side) {
            return picture;
        }
        int width = Math.max(1, picture.width() * side / longer);
        int height = Math.max(1, picture.height() * side / longer);
        byte[] pixels = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            int top = y * picture.height() / height;
            int bottom = (y + 1) * picture.height() / height;
            for (int x = 0; x < width; x++) {
                int left = x * picture.width() / width;
                int right = (x + 1) * picture.width() / width;
                average(picture, left, top, right, bottom, pixels, 3 * (y * width + x));
            }
        }
        return new Rgb(width, height, pixels);
    }

    private static void average(Rgb picture, int left, int top, int right, int bottom, byte[] to, int at) {
        int count = (right - left) * (bottom - top);
        for (int channel = 0; channel < 3; channel++) {
            long sum = 0;
            for (int y = top; y < bottom; y++) {
                for (int x = left; x < right; x++) {
                    sum += picture.pixels()[3 * (y * picture.width() + x) + channel] & 0xFF;
                }
            }
            to[at + channel] = (byte) ((sum + count / 2) / count);
        }
    }

    private static byte[] jpeg(Rgb picture) throws IOException {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        byte[] pixels = picture.pixels();
        for (int i = 0; i < pixels.length; i += 3) {
            int rgb = ((pixels[i] & 0xFF) << 16) | ((pixels[i + 1] & 0xFF) << 8) | (pixels[i + 2] & 0xFF);
            image.setRGB(i / 3 % picture.width(), i / 3 / picture.width(), rgb);
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam quality = writer.getDefaultWriteParam();
            quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            quality.setCompressionQuality(JPEG_QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), quality);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static String uri(String format, byte[] bytes) {
        return "data:image/" + format + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }
}
