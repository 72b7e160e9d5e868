package io.unifiedlatents.dataprep.picture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a WebP: the fields of its first chunk.
 *
 * @param width in pixels
 * @param height in pixels
 * @param alpha whether pixels may be transparent
 * @param animated whether there are several frames
 */
record WebpHeader(int width, int height, boolean alpha, boolean animated) {
    private static final int FIRST_CHUNK = 12;
    private static final int LOSSY = fourCharacters("VP8 ");
    private static final int LOSSLESS = fourCharacters("VP8L");
    private static final int EXTENDED = fourCharacters("VP8X");
    private static final int ALPHA_FLAG = 0x10;
    private static final int ANIMATION_FLAG = 0x02;

    /** Reads the header; throws where the file ends early. */
    static WebpHeader parse(byte[] bytes) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        in.position(FIRST_CHUNK);
        int chunk = in.getInt();
        in.getInt(); // its length
        if (chunk == LOSSY) {
            in.getInt();
            in.getShort(); // frame tag, start code
            return new WebpHeader(in.getShort() & 0x3FFF, in.getShort() & 0x3FFF, false, false);
        }
        if (chunk == LOSSLESS) {
            in.get(); // signature
            int bits = in.getInt();
            return new WebpHeader((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, (bits >> 28 & 1) != 0, false);
        }
        if (chunk == EXTENDED) {
            int flags = in.getInt();
            int width = 1 + ((in.getShort() & 0xFFFF) | (in.get() & 0xFF) << 16);
            int height = 1 + ((in.getShort() & 0xFFFF) | (in.get() & 0xFF) << 16);
            return new WebpHeader(width, height, (flags & ALPHA_FLAG) != 0, (flags & ANIMATION_FLAG) != 0);
        }
        throw new IOException("its first chunk has no picture");
    }

    private static int fourCharacters(String name) {
        return name.charAt(0) | name.charAt(1) << 8 | name.charAt(2) << 16 | name.charAt(3) << 24;
    }
}
