package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.data.Rgb;

/** Turns and mirrors a picture as EXIF's orientation asks. */
final class Orientation {
    private Orientation() {}

    /** The picture upright: 2 mirrored, 3 half a turn, 4 upside down, 5 to 8 with rows and columns exchanged. */
    static Rgb apply(Rgb image, int orientation) {
        if (orientation == 1) {
            return image;
        }
        boolean exchange = orientation >= 5;
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int width = image.width();
        int height = image.height();
        byte[] pixels = image.pixels();
        byte[] turned = new byte[pixels.length];
        int columns = exchange ? height : width;
        int rows = exchange ? width : height;
        int to = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++, to += 3) {
                int x = exchange ? row : column;
                int y = exchange ? column : row;
                int from = 3 * ((fromBottom ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x));
                turned[to] = pixels[from];
                turned[to + 1] = pixels[from + 1];
                turned[to + 2] = pixels[from + 2];
            }
        }
        return new Rgb(columns, rows, turned);
    }
}
