package io.unifiedlatents.core.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * 8-bit RGB PNG. Every row has the Paeth filter, which on photographs loses one percent of size against the best filter
 * a row and costs a quarter of the time; {@link HuffmanDeflate} does the rest.
 */
final class PngEncoder {
    static final long SIGNATURE = 0x89504E470D0A1A0AL;
    static final int BITS = 8;
    static final int RGB = 2;
    static final int HEADER_BYTES = 13;

    private static final int CHUNK_BYTES = 12; // length, name, CRC

    private PngEncoder() {}

    static byte[] encode(Rgb image) {
        byte[] zlib = HuffmanDeflate.zlib(paeth(image));
        byte[] bytes = new byte[Math.addExact(Long.BYTES + 3 * CHUNK_BYTES + HEADER_BYTES, zlib.length)];
        ByteBuffer png = ByteBuffer.wrap(bytes);
        png.putLong(SIGNATURE);
        byte[] header = new byte[HEADER_BYTES]; // zeros end it: deflate, the usual filters, not interlaced
        ByteBuffer.wrap(header)
                .putInt(image.width())
                .putInt(image.height())
                .put((byte) BITS)
                .put((byte) RGB);
        chunk(png, "IHDR", header);
        chunk(png, "IDAT", zlib);
        chunk(png, "IEND", new byte[0]);
        return bytes;
    }

    private static void chunk(ByteBuffer png, String name, byte[] data) {
        png.putInt(data.length);
        int start = png.position();
        png.put(name.getBytes(StandardCharsets.US_ASCII)).put(data);
        CRC32 crc = new CRC32();
        crc.update(png.slice(start, png.position() - start));
        png.putInt((int) crc.getValue());
    }

    /** Rows as PNG compresses them: the filter's number, then each byte less its prediction. */
    private static byte[] paeth(Rgb image) {
        int stride = 3 * image.width();
        byte[] filtered = new byte[Math.multiplyExact(stride + 1, image.height())];
        byte[] pixels = image.pixels();
        byte[] above = new byte[stride]; // of the first row
        int aboveStart = 0;
        int to = 0;
        for (int row = 0; row < pixels.length; row += stride) {
            filtered[to] = PngDecoder.PAETH;
            for (int channel = 0; channel < 3; channel++) {
                paeth(pixels, row + channel, above, aboveStart + channel, stride, filtered, to + 1 + channel);
            }
            above = pixels;
            aboveStart = row;
            to += stride + 1;
        }
        return filtered;
    }

    /** One channel of a row. */
    private static void paeth(byte[] pixels, int row, byte[] above, int aboveRow, int stride, byte[] filtered, int to) {
        int left = 0;
        int aboveLeft = 0;
        for (int x = 0; x < stride - 2; x += 3) {
            int value = pixels[row + x] & 0xFF;
            int up = above[aboveRow + x] & 0xFF;
            filtered[to + x] = (byte) (value - PngDecoder.paeth(left, up, aboveLeft));
            left = value;
            aboveLeft = up;
        }
    }
}
