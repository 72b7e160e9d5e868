package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.config.SampleShape;
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
     * A sample and its reconstruction, uint8 RGB, as stored: frame after frame, row by row.
     *
     * @param original as stored
     * @param reconstruction as decoded from its latent
     */
    public record Pair(byte[] original, byte[] reconstruction) implements Serializable {}

    private PictureGrid() {}

    /**
     * Draws pairs, original left and reconstruction right, four pairs a row; small pictures enlarged by whole factors,
     * frames of a clip below each other.
     *
     * @param shape of each sample
     */
    public static byte[] pairs(List<Pair> pairs, SampleShape shape) throws IOException {
        List<byte[]> cells = new ArrayList<>();
        for (Pair pair : pairs) {
            cells.add(pair.original);
            cells.add(pair.reconstruction);
        }
        return png(cells, shape, 2);
    }

    /** A grid of single pictures as PNG, eight a row. */
    public static byte[] png(List<byte[]> pictures, SampleShape shape) throws IOException {
        return png(pictures, shape, 1);
    }

    /** Draws cells row by row, {@code group} of them side by side and groups a little apart where they are pairs. */
    private static byte[] png(List<byte[]> cells, SampleShape shape, int group) throws IOException {
        int scale = Math.max(1, SHOWN_PIXELS / Math.max(shape.width(), shape.height()));
        int across = scale * shape.width() + GAP;
        int down = scale * shape.frames() * shape.height() + GAP;
        int apart = group == 1 ? 0 : GAP;
        int columns = Math.min(CELLS_PER_ROW, Math.max(group, cells.size()));
        int rows = (cells.size() + CELLS_PER_ROW - 1) / CELLS_PER_ROW;
        int width = columns * across + columns / group * apart;
        int height = Math.max(1, rows * down);
        byte[] canvas = new byte[3 * width * height];
        Arrays.fill(canvas, WHITE);
        for (int i = 0; i < cells.size(); i++) {
            int column = i % CELLS_PER_ROW;
            int left = column * across + column / group * apart;
            draw(canvas, width, left, i / CELLS_PER_ROW * down, Rgb.of(shape, cells.get(i)), scale);
        }
        return ImageCodec.encodePng(new Rgb(width, height, canvas));
    }

    private static void draw(byte[] canvas, int width, int left, int top, Rgb picture, int scale) {
        for (int y = 0; y < picture.height() * scale; y++) {
            for (int x = 0; x < picture.width() * scale; x++) {
                int from = 3 * (y / scale * picture.width() + x / scale);
                System.arraycopy(picture.pixels(), from, canvas, 3 * ((top + y) * width + left + x), 3);
            }
        }
    }
}
