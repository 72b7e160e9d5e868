package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.data.Rgb;
import java.util.function.IntUnaryOperator;

/**
 * ADM's scaling: halved with a box filter while the shorter side is at least twice the target, then bicubically so that
 * the shorter side is the target. Smaller pictures are enlarged. The last step waits for its crop.
 */
record Scaled(Rgb halved, int width, int height, int side) {
    static Scaled of(Rgb image, int side) {
        Rgb halved = image;
        while (shorterSide(halved) >= 2 * side) {
            halved = Resampler.resize(halved, halved.width() / 2, halved.height() / 2, Resampler.Filter.BOX);
        }
        double scale = (double) side / shorterSide(halved);
        int width = (int) Math.rint(halved.width() * scale); // half to even
        int height = (int) Math.rint(halved.height() * scale);
        return new Scaled(halved, width, height, side);
    }

    /** The square at the place that these choose: they get the spare columns or rows, and give those before it. */
    Rgb crop(IntUnaryOperator left, IntUnaryOperator top) {
        Crop crop = new Crop(left.applyAsInt(width - side), top.applyAsInt(height - side), side, side);
        return Resampler.resize(halved, width, height, Resampler.Filter.BICUBIC, crop);
    }

    private static int shorterSide(Rgb image) {
        return Math.min(image.width(), image.height());
    }
}
