package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the pictures of a shard are stored. */
public enum PictureEncoding {
    /** Lossless, about half of the bytes of photographs. */
    PNG {
        @Override
        public byte[] encode(Rgb image) {
            return ImageCodec.encodePng(image);
        }

        @Override
        public Rgb decode(byte[] stored, int width, int height) throws IOException {
            Rgb image = ImageCodec.decode(stored);
            if (image.width() != width || image.height() != height) {
                throw new IOException("damaged picture: %d x %d pixels, expected %d x %d"
                        .formatted(image.width(), image.height(), width, height));
            }
            return image;
        }
    },
    /** The pixels as they are ({@link Rgb#pixels}): 3 bytes each, nothing to decode. */
    RAW {
        @Override
        public byte[] encode(Rgb image) {
            return image.pixels();
        }

        @Override
        public Rgb decode(byte[] stored, int width, int height) throws IOException {
            if (width <= 0 || height <= 0 || stored.length != 3L * width * height) {
                throw new IOException("damaged picture: %d bytes, expected 3 x %d x %d of raw pixels"
                        .formatted(stored.length, width, height));
            }
            return new Rgb(width, height, stored);
        }
    };

    /** Encodes a picture; RAW hands out the picture's own array. */
    public abstract byte[] encode(Rgb image);

    /**
     * Decodes what {@link #encode} gave; RAW takes the array over.
     *
     * @param width in pixels, as recorded beside the picture
     * @param height in pixels
     * @throws IOException where the bytes are no such picture
     */
    public abstract Rgb decode(byte[] stored, int width, int height) throws IOException;

    /** The name in configurations and footers. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The encoding of a name.
     *
     * @throws ConfigException where there is none
     */
    public static PictureEncoding named(String name) {
        List<String> names = Arrays.stream(values()).map(PictureEncoding::key).toList();
        int index = names.indexOf(name);
        if (index < 0) {
            throw new ConfigException(
                    "picture encoding " + name + " is not known; use one of " + String.join(", ", names));
        }
        return values()[index];
    }
}
