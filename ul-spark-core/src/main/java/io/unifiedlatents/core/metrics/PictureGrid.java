package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.util.List;

/** Pictures beside their reconstructions, as one PNG. */
public final class PictureGrid {
    private static final int GAP = 2;
    private static final int PAIRS_PER_ROW = 4;
    private static final byte WHITE = (byte) 255;

    private PictureGrid() {}

    /**
     * Draws pairs, original left and reconstruction right, four pairs a row.
     *
     * @param side pixels along a side of each picture
     */
    public static byte[] png(List<EvaluationPart.Pair> pairs, int side) throws IOException {
        int columns = 2 * Math.min(PAIRS_PER_ROW, Math.max(1, pairs.size()));
        int rows = (pairs.size() + PAIRS_PER_ROW - 1) / PAIRS_PER_ROW;
        int width = columns * (side + GAP) + columns / 2 * GAP;
        int height = Math.max(1, rows * (side + GAP));
        byte[] canvas = new byte[3 * width * height];
        java.util.Arrays.fill(canvas, WHITE);
        for (int i = 0; i < pairs.size(); i++) {
            int left = i % PAIRS_PER_ROW * (2 * (side + GAP) + GAP);
            int top = i / PAIRS_PER_ROW * (side + GAP);
            draw(canvas, width, left, top, pairs.get(i).original(), side);
            draw(canvas, width, left + side + GAP, top, pairs.get(i).reconstruction(), side);
        }
        return ImageCodec.encodePng(new Rgb(width, height, canvas));
    }

    private static void draw(byte[] canvas, int width, int left, int top, byte[] picture, int side) {
        for (int row = 0; row < side; row++) {
            System.arraycopy(picture, 3 * row * side, canvas, 3 * ((top + row) * width + left), 3 * side);
        }
    }
}
