package io.unifiedlatents.core.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.Locale;

/** How the pictures and clips of a data set are stored. */
public enum Encoding {
    /** PNG, 8-bit RGB; the frames of a clip lie below each other in one picture. */
    @JsonProperty("png")
    PNG,
    /** Bytes as in {@link Rgb}; the frames of a clip follow each other. */
    @JsonProperty("raw")
    RAW,
    /** The bytes of the source, untouched: pictures only, of any size and format. */
    @JsonProperty("original")
    ORIGINAL;

    /** The encoding of a name in a config. */
    public static Encoding named(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** The name in configs, manifests and footers. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Encodes a picture, or the stacked frames of a clip.
     *
     * @throws IllegalStateException for {@link #ORIGINAL}, whose bytes are the source's
     */
    public byte[] encode(Rgb image) {
        return switch (this) {
            case PNG -> ImageCodec.encodePng(image);
            case RAW -> image.pixels();
            case ORIGINAL -> throw new IllegalStateException("original bytes are kept, not encoded");
        };
    }

    /**
     * Decodes what was stored.
     *
     * @param width of the picture in pixels; looked at only for {@link #RAW}
     * @param height of the picture, or of all frames of a clip together
     * @throws IOException where the bytes are damaged or of another size
     */
    public Rgb decode(byte[] stored, int width, int height) throws IOException {
        if (this != RAW) {
            return ImageCodec.decode(stored);
        }
        long expected = 3L * width * height;
        if (stored.length != expected) {
            throw new IOException("raw picture has %d bytes, %d x %d pixels have %d"
                    .formatted(stored.length, width, height, expected));
        }
        return new Rgb(width, height, stored.clone()); // callers mirror in place
    }
}
