package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;

/**
 * A decoded picture.
 *
 * @param width in pixels
 * @param height in pixels
 * @param pixels red, green, blue of each pixel, row by row (HWC), 3·width·height bytes, 0 to 255 unsigned; not copied
 */
public record Rgb(int width, int height, byte[] pixels) {
    /** Checks that the pixels fit the extent. */
    public Rgb {
        Check.argument(
                width > 0 && height > 0 && pixels.length == 3L * width * height,
                "%d bytes are not %d x %d pixels of 3",
                pixels.length,
                width,
                height);
    }

    /** A stored sample as a picture, with the frames of a clip below each other; the pixels are not copied. */
    public static Rgb of(SampleShape shape, byte[] pixels) {
        return new Rgb(shape.width(), Math.multiplyExact(shape.frames(), shape.height()), pixels);
    }

    /** Whether this is a sample of that shape, as {@link #of} makes one. */
    public boolean has(SampleShape shape) {
        return width == shape.width() && height == (long) shape.frames() * shape.height();
    }
}
