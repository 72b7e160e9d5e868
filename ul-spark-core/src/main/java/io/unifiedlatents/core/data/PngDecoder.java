package io.unifiedlatents.core.data;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** The PNGs that shards are made of, 8-bit RGB, not interlaced, in two thirds of ImageIO's time. */
final class PngDecoder {
    static final byte PAETH = 4;

    private static final int IHDR = 0x49484452;
    private static final int PLTE = 0x504C5445;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final int ANCILLARY = 0x20000000; // a small first letter
    private static final int TRNS = 0x74524E53;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    /** The end of IHDR: deflate, the usual filters, not interlaced. */
    private static final byte[] KIND = {PngEncoder.BITS, PngEncoder.RGB, 0, 0, 0};

    private final ByteBuffer png;
    private final Inflater inflater = new Inflater();

    private PngDecoder(byte[] encoded) {
        this.png = ByteBuffer.wrap(encoded);
    }

    /**
     * Decodes a PNG.
     *
     * @return null where this is no PNG or one of another kind
     * @throws IOException where it is damaged
     */
    static @Nullable Rgb decode(byte[] encoded) throws IOException {
        PngDecoder decoder = new PngDecoder(encoded);
        try {
            return decoder.read();
        } catch (BufferUnderflowException e) {
            throw new IOException("damaged PNG: it ends early", e);
        } catch (DataFormatException e) {
            throw new IOException("damaged PNG: " + e.getMessage(), e);
        } finally {
            decoder.inflater.end();
        }
    }

    private @Nullable Rgb read() throws IOException, DataFormatException {
        if (png.remaining() < Long.BYTES || png.getLong() != PngEncoder.SIGNATURE) {
            return null;
        }
        if (png.getInt() != PngEncoder.HEADER_BYTES || png.getInt() != IHDR) {
            throw new IOException("damaged PNG: it does not begin with its header");
        }
        int width = png.getInt();
        int height = png.getInt();
        byte[] kind = new byte[KIND.length];
        png.get(kind);
        checkCrc(PngEncoder.HEADER_BYTES);
        if (!Arrays.equals(kind, KIND) || width <= 0 || height <= 0 || (3L * width + 1) * height > LARGEST_ARRAY) {
            return null;
        }
        byte[] filtered = new byte[(3 * width + 1) * height];
        int inflated = 0;
        for (int name = 0; name != IEND; ) {
            int length = png.getInt();
            name = png.getInt();
            if (length < 0 || length > png.remaining()) {
                throw new BufferUnderflowException();
            }
            if (name == IDAT) {
                inflated += inflate(png.slice(png.position(), length), filtered, inflated);
            }
            png.position(png.position() + length);
            checkCrc(length);
            boolean harmless = name == IDAT || name == IEND || name == PLTE || (name & ANCILLARY) != 0;
            if (!harmless || name == TRNS) {
                return null;
            }
        }
        if (inflated != filtered.length || !ends()) {
            throw new IOException("damaged PNG: %d bytes of pixels, expected %d".formatted(inflated, filtered.length));
        }
        return new Rgb(width, height, unfiltered(filtered, 3 * width, height));
    }

    private int inflate(ByteBuffer idat, byte[] filtered, int from) throws DataFormatException {
        inflater.setInput(idat);
        int to = from;
        int bytes;
        do {
            bytes = inflater.inflate(filtered, to, filtered.length - to);
            to += bytes;
        } while (bytes > 0);
        return to - from;
    }

    /** Whether the stream is complete and its checksum right, which zlib throws on where it is not. */
    private boolean ends() throws DataFormatException {
        return inflater.finished() || (inflater.inflate(new byte[1]) == 0 && inflater.finished());
    }

    /** Reads the CRC of the chunk that ends here, of so many bytes after its name, and compares it. */
    private void checkCrc(int length) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(png.slice(png.position() - length - Integer.BYTES, length + Integer.BYTES));
        if (png.getInt() != (int) crc.getValue()) {
            throw new IOException("damaged PNG: wrong checksum before byte " + png.position());
        }
    }

    private static byte[] unfiltered(byte[] filtered, int stride, int height) throws IOException {
        byte[] pixels = new byte[stride * height];
        byte[] above = new byte[stride]; // of the first row
        int aboveStart = 0;
        for (int y = 0; y < height; y++) {
            int from = y * (stride + 1);
            int row = y * stride;
            System.arraycopy(filtered, from + 1, pixels, row, stride);
            switch (filtered[from]) {
                case 0 -> {}
                case 1 -> sub(pixels, row, stride);
                case 2 -> up(pixels, row, above, aboveStart, stride);
                case 3 -> average(pixels, row, above, aboveStart, stride);
                case PAETH -> {
                    for (int channel = 0; channel < 3; channel++) {
                        paeth(pixels, row + channel, above, aboveStart + channel, stride);
                    }
                }
                default -> throw new IOException("damaged PNG: row %d has filter %d".formatted(y, filtered[from]));
            }
            above = pixels;
            aboveStart = row;
        }
        return pixels;
    }

    private static void sub(byte[] pixels, int row, int stride) {
        for (int x = 3; x < stride; x++) {
            pixels[row + x] = (byte) (pixels[row + x] + pixels[row + x - 3]);
        }
    }

    private static void up(byte[] pixels, int row, byte[] above, int aboveRow, int stride) {
        for (int x = 0; x < stride; x++) {
            pixels[row + x] = (byte) (pixels[row + x] + above[aboveRow + x]);
        }
    }

    private static void average(byte[] pixels, int row, byte[] above, int aboveRow, int stride) {
        for (int x = 0; x < stride; x++) {
            int left = x < 3 ? 0 : pixels[row + x - 3] & 0xFF;
            pixels[row + x] = (byte) (pixels[row + x] + ((left + (above[aboveRow + x] & 0xFF)) >> 1));
        }
    }

    /** One channel of a row. */
    private static void paeth(byte[] pixels, int row, byte[] above, int aboveRow, int stride) {
        int left = 0;
        int aboveLeft = 0;
        for (int x = 0; x < stride - 2; x += 3) {
            int up = above[aboveRow + x] & 0xFF;
            left = (pixels[row + x] + paeth(left, up, aboveLeft)) & 0xFF;
            pixels[row + x] = (byte) left;
            aboveLeft = up;
        }
    }

    /**
     * The one of three neighbours that is nearest to left + up − aboveLeft; without branches, which photographs
     * mislead.
     */
    static int paeth(int left, int up, int aboveLeft) {
        int a = up - aboveLeft; // distance of the estimate from left, and so on
        int b = left - aboveLeft;
        int c = Math.abs(a + b);
        a = Math.abs(a);
        b = Math.abs(b);
        int notLeft = ((b - a) | (c - a)) >> 31;
        int notUp = (c - b) >> 31;
        int rest = (up & ~notUp) | (aboveLeft & notUp);
        return (left & ~notLeft) | (rest & notLeft);
    }
}
