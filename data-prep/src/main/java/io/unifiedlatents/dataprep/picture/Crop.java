package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.data.Rgb;

/** A rectangle inside a picture, in pixels. */
record Crop(int left, int top, int columns, int rows) {
    /** The pixels inside; the picture itself where that is all of it. */
    Rgb apply(Rgb image) {
        if (columns == image.width() && rows == image.height()) {
            return image;
        }
        byte[] pixels = new byte[3 * columns * rows];
        for (int y = 0; y < rows; y++) {
            System.arraycopy(
                    image.pixels(), 3 * ((top + y) * image.width() + left), pixels, 3 * y * columns, 3 * columns);
        }
        return new Rgb(columns, rows, pixels);
    }
}
