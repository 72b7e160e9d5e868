package io.unifiedlatents.dataprep.clip;

import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * The rotation and mirroring with which a stored frame is shown: a stored pixel at (x, y) from the middle, y downward,
 * is shown at (a·x + c·y, b·x + d·y). Phones record it as a display matrix. Of a matrix that turns by other than
 * quarter turns nothing is taken.
 */
record Orientation(int a, int b, int c, int d) {
    static final Orientation UPRIGHT = new Orientation(1, 0, 0, 1);

    private static final int ONE = 1 << 16;
    private static final int QUARTER = 90;

    /** The orientation of FFmpeg's display matrix, 9 integers; null for none. */
    static Orientation of(@Nullable IntPointer matrix) {
        if (matrix == null) {
            return UPRIGHT;
        }
        var found = new Orientation(matrix.get(0) / ONE, matrix.get(1) / ONE, matrix.get(3) / ONE, matrix.get(4) / ONE);
        boolean quarterTurns = Math.abs(found.a * found.d - found.b * found.c) == 1
                && Math.abs(found.a) + Math.abs(found.b) == 1
                && Math.abs(found.c) + Math.abs(found.d) == 1;
        return quarterTurns ? found : UPRIGHT;
    }

    /** Clockwise degrees, mirroring aside. */
    int rotation() {
        if (!exchangesAxes()) {
            return d > 0 ? 0 : 2 * QUARTER;
        }
        return c < 0 ? QUARTER : 3 * QUARTER;
    }

    /** Whether columns of the stored frame are shown as rows. */
    boolean exchangesAxes() {
        return b != 0;
    }

    /**
     * Turns a frame of RGB pixels at {@code offset}, in place.
     *
     * @param width of the frame as stored
     * @param height of the frame as stored
     */
    void apply(byte[] pixels, int offset, int width, int height) {
        if (equals(UPRIGHT)) {
            return;
        }
        byte[] stored = new byte[3 * width * height];
        System.arraycopy(pixels, offset, stored, 0, stored.length);
        int columns = exchangesAxes() ? height : width; // as shown
        int rows = exchangesAxes() ? width : height;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int right = 2 * x - (width - 1); // from the middle, in half pixels
                int down = 2 * y - (height - 1);
                int shownX = (a * right + c * down + columns - 1) / 2;
                int shownY = (b * right + d * down + rows - 1) / 2;
                System.arraycopy(stored, 3 * (y * width + x), pixels, offset + 3 * (shownY * columns + shownX), 3);
            }
        }
    }
}
