package io.unifiedlatents.core.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.unifiedlatents.core.config.SampleShape;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The encodings of stored pictures and clips. */
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
     * @param shape of the picture or clip, which {@link #RAW} takes its size from; null where it is not known
     * @return the picture, or the frames of a clip below each other
     * @throws IOException where the bytes are damaged, or raw and of another shape
     */
    public Rgb decode(byte[] stored, @Nullable SampleShape shape) throws IOException {
        if (this != RAW) {
            return ImageCodec.decode(stored);
        }
        if (shape == null) {
            throw new IOException("the shape of a raw picture of %d bytes is not known".formatted(stored.length));
        }
        if (stored.length != shape.values()) {
            throw new IOException(
                    "raw picture has %d bytes, one of %s has %d".formatted(stored.length, shape, shape.values()));
        }
        return Rgb.of(shape, stored.clone()); // callers mirror in place
    }
}
