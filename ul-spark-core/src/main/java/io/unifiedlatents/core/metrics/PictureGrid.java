package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/** Pictures beside their reconstructions, as one PNG. */
public final class PictureGrid {
    private static final int GAP = 2;
    private static final int SHOWN_PIXELS = 96;
    private static final int PAIRS_PER_ROW = 4;
    private static final byte WHITE = (byte) 255;

    /**
     * A picture and its reconstruction, uint8 RGB, row by row.
     *
     * @param original as stored
     * @param reconstruction as decoded from its latent
     */
    public record Pair(byte[] original, byte[] reconstruction) implements Serializable {}

    private PictureGrid() {}

    /**
     * Draws pairs, original left and reconstruction right, four pairs a row; small pictures enlarged by whole factors.
     *
     * @param pixels along a side of each picture
     */
    public static byte[] png(List<Pair> pairs, int pixels) throws IOException {
        int scale = Math.max(1, SHOWN_PIXELS / pixels);
        int side = scale * pixels;
        int columns = 2 * Math.min(PAIRS_PER_ROW, Math.max(1, pairs.size()));
        int rows = (pairs.size() + PAIRS_PER_ROW - 1) / PAIRS_PER_ROW;
        int width = columns * (side + GAP) + columns / 2 * GAP;
        int height = Math.max(1, rows * (side + GAP));
        byte[] canvas = new byte[3 * width * height];
        java.util.Arrays.fill(canvas, WHITE);
        for (int i = 0; i < pairs.size(); i++) {
            int left = i % PAIRS_PER_ROW * (2 * (side + GAP) + GAP);
            int top = i / PAIRS_PER_ROW * (side + GAP);
            draw(canvas, width, left, top, pairs.get(i).original(), pixels, scale);
            draw(canvas, width, left + side + GAP, top, pairs.get(i).reconstruction(), pixels, scale);
        }
        return ImageCodec.encodePng(new Rgb(width, height, canvas));
    }

    private static void draw(byte[] canvas, int width, int left, int top, byte[] picture, int pixels, int scale) {
        for (int y = 0; y < pixels * scale; y++) {
            for (int x = 0; x < pixels * scale; x++) {
                int from = 3 * (y / scale * pixels + x / scale);
                System.arraycopy(picture, from, canvas, 3 * ((top + y) * width + left + x), 3);
            }
        }
    }
}
