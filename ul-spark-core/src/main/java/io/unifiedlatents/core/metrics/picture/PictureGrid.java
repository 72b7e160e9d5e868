package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pictures, or pictures beside their reconstructions, as one PNG. */
public final class PictureGrid {
    private static final int GAP = 2;
    private static final int SHOWN_PIXELS = 96;
    private static final int CELLS_PER_ROW = 8;
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
    public static byte[] pairs(List<Pair> pairs, int pixels) throws IOException {
        List<byte[]> cells = new ArrayList<>();
        for (Pair pair : pairs) {
            cells.add(pair.original);
            cells.add(pair.reconstruction);
        }
        return png(cells, pixels, 2);
    }

    /** As {@link #pairs}, of single pictures, eight a row. */
    public static byte[] png(List<byte[]> pictures, int pixels) throws IOException {
        return png(pictures, pixels, 1);
    }

    /** Draws cells row by row, {@code group} of them side by side and groups a little apart where they are pairs. */
    private static byte[] png(List<byte[]> cells, int pixels, int group) throws IOException {
        int scale = Math.max(1, SHOWN_PIXELS / pixels);
        int side = scale * pixels;
        int apart = group == 1 ? 0 : GAP;
        int columns = Math.min(CELLS_PER_ROW, Math.max(group, cells.size()));
        int rows = (cells.size() + CELLS_PER_ROW - 1) / CELLS_PER_ROW;
        int width = columns * (side + GAP) + columns / group * apart;
        int height = Math.max(1, rows * (side + GAP));
        byte[] canvas = new byte[3 * width * height];
        Arrays.fill(canvas, WHITE);
        for (int i = 0; i < cells.size(); i++) {
            int column = i % CELLS_PER_ROW;
            int left = column * (side + GAP) + column / group * apart;
            draw(canvas, width, left, i / CELLS_PER_ROW * (side + GAP), cells.get(i), pixels, scale);
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
