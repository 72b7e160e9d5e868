package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.io.Serializable;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes an input of unknown origin: JPEG, WebP, PNG, GIF (its first frame), BMP or TIFF. Its header is checked before
 * memory for its pixels is taken. Sample values are taken as they are stored, without colour management; CMYK becomes
 * RGB as Pillow makes it; a JPEG is turned as its EXIF orientation says.
 *
 * <p>JPEG and WebP go to native libraries where the machine has them, see {@link NativeCodecs}, everything else and
 * what those refuse to ImageIO.
 *
 * @param background the colour under transparent pixels, 0xRRGGBB
 * @param maxPixels larger pictures are refused, 1 to 500 million; a picture being decoded takes up to 10 bytes a pixel
 */
public record PictureDecoder(int background, long maxPixels) implements Serializable {
    /** Over white, up to 200 million pixels. */
    public static final PictureDecoder STANDARD = new PictureDecoder(ImageCodec.WHITE, 200_000_000);

    /** The number of pixels of 4 bytes that an array can hold. */
    private static final int MOST_PIXELS = 500_000_000;

    /** Larger ones are decoded on the heap, where the lack of memory fails one picture and not the process. */
    private static final long MAX_NATIVE_PIXELS = 32_000_000;

    /** Checks the settings. */
    public PictureDecoder {
        Check.setting(
                background >= 0 && background <= 0xFFFFFF,
                "background %x must be between 000000 and ffffff (red, green, blue)",
                background);
        Check.setting(
                maxPixels > 0 && maxPixels <= MOST_PIXELS,
                "the most pixels of a picture, %d, must be between 1 and %d",
                maxPixels,
                MOST_PIXELS);
    }

    /** Returns the names of the libraries that decode JPEG and WebP on this machine, to be recorded in data sets. */
    public static String libraries() {
        return NativeCodecs.loaded() == null ? "imageio" : NativeCodecs.NAME;
    }

    /**
     * Decodes a picture.
     *
     * @throws Unreadable where the bytes are no picture, are damaged or have too many pixels; nothing else escapes
     */
    public Rgb decode(byte[] bytes) throws Unreadable {
        return decode(bytes, NativeCodecs.loaded());
    }

    Rgb decode(byte[] bytes, @Nullable NativeCodecs codecs) throws Unreadable {
        try {
            return switch (PictureFormat.of(bytes)) {
                case JPEG -> jpeg(bytes, codecs);
                case WEBP -> webp(bytes, codecs);
                case PNG -> png(bytes);
                case OTHER -> new ImageIoDecoder(this).decode(bytes);
                case UNKNOWN -> throw Unreadable.unknown();
            };
        } catch (IOException | RuntimeException e) { // ImageIO readers throw both on damaged input
            throw Unreadable.damaged(e instanceof BufferUnderflowException ? "it ends early" : reason(e));
        } catch (StackOverflowError e) {
            throw Unreadable.damaged("its parts are nested without end");
        } catch (OutOfMemoryError e) { // of one big array; nothing outlives this call
            throw Unreadable.tooLarge("not enough memory to decode it (%s); at most %d MiB of heap"
                    .formatted(e.getMessage(), Runtime.getRuntime().maxMemory() >> 20));
        }
    }

    private Rgb jpeg(byte[] bytes, @Nullable NativeCodecs codecs) throws IOException, Unreadable {
        JpegHeader header = JpegHeader.parse(bytes);
        checkPixels(header.width(), header.height());
        NativeCodecs fitting = fitting(codecs, header.width(), header.height());
        Rgb image = fitting == null ? null : fitting.decodeJpeg(bytes);
        if (!JpegHeader.reachesEnd(bytes)) { // decoders fill up with grey what is not there
            throw Unreadable.damaged("it ends early");
        }
        if (image == null) {
            image = new ImageIoDecoder(this).decodeJpeg(bytes, header);
        }
        return Orientation.apply(image, header.orientation());
    }

    private Rgb webp(byte[] bytes, @Nullable NativeCodecs codecs) throws IOException, Unreadable {
        WebpHeader header = WebpHeader.parse(bytes);
        checkPixels(header.width(), header.height());
        NativeCodecs fitting = fitting(codecs, header.width(), header.height());
        if (header.animated() || fitting == null) {
            return new ImageIoDecoder(this).decode(bytes);
        }
        Rgb image = fitting.decodeWebp(bytes, header, background);
        if (image == null) {
            throw Unreadable.damaged("libwebp cannot decode it");
        }
        return image;
    }

    private Rgb png(byte[] bytes) throws IOException, Unreadable {
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.getLong(); // signature
        header.getLong(); // length and name of IHDR
        checkPixels(header.getInt(), header.getInt());
        Rgb image = ImageCodec.decodePlainPng(bytes);
        return image != null ? image : new ImageIoDecoder(this).decode(bytes);
    }

    private static @Nullable NativeCodecs fitting(@Nullable NativeCodecs codecs, int width, int height) {
        return (long) width * height <= MAX_NATIVE_PIXELS ? codecs : null;
    }

    /** Refuses a picture by its header. */
    void checkPixels(int width, int height) throws Unreadable {
        if (width <= 0 || height <= 0) {
            throw Unreadable.damaged("%d x %d pixels".formatted(width, height));
        }
        if ((long) width * height > maxPixels) {
            throw Unreadable.tooLarge("%d x %d pixels, at most %d are read".formatted(width, height, maxPixels));
        }
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
