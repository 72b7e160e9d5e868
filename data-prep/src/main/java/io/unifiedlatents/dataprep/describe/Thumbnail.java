package io.unifiedlatents.dataprep.describe;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.dataprep.picture.Resampler;
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
 * A small picture for a page: never enlarged, PNG up to 64 × 64 pixels, otherwise JPEG.
 *
 * @param dataUri the file as a {@code data:} URI
 */
record Thumbnail(int width, int height, String dataUri) implements Serializable {
    private static final int LARGEST_PNG = 64;
    private static final float JPEG_QUALITY = 0.9f;

    /**
     * Returns the frames of a clip side by side, or a picture.
     *
     * @param stack frames below each other
     * @param frames number of them; 1 for a picture
     * @param side pixels of a square that each frame is shrunk to fit
     * @param most frames shown; they are evenly chosen
     */
    static Thumbnail of(Rgb stack, int frames, int side, int most) throws IOException {
        int width = stack.width();
        int height = stack.height() / frames;
        int shown = Math.min(frames, most);
        Rgb strip = new Rgb(shown * width, height, new byte[3 * shown * width * height]);
        for (int i = 0; i < shown; i++) {
            int frame = shown == 1 ? 0 : (int) ((long) i * (frames - 1) / (shown - 1));
            for (int y = 0; y < height; y++) {
                int from = 3 * (frame * height + y) * width;
                System.arraycopy(stack.pixels(), from, strip.pixels(), 3 * (y * shown + i) * width, 3 * width);
            }
        }
        int longer = Math.max(side, Math.max(width, height));
        int shownWidth = Math.max(1, width * side / longer);
        int shownHeight = Math.max(1, height * side / longer);
        Rgb small = Resampler.resize(strip, shown * shownWidth, shownHeight, Resampler.Filter.BOX);
        boolean png = Math.max(small.width(), small.height()) <= LARGEST_PNG;
        byte[] file = png ? ImageCodec.encodePng(small) : jpeg(small);
        String uri = "data:image/" + (png ? "png" : "jpeg") + ";base64,"
                + Base64.getEncoder().encodeToString(file);
        return new Thumbnail(small.width(), small.height(), uri);
    }

    private static byte[] jpeg(Rgb picture) throws IOException {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_3BYTE_BGR);
        image.getRaster().setDataElements(0, 0, picture.width(), picture.height(), picture.pixels());
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
}
