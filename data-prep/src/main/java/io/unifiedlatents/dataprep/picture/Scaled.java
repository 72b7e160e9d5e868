package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Rgb;
import java.util.function.IntUnaryOperator;

/**
 * ADM's scaling, for targets of any shape: halved with a box filter while the picture is at least twice the target in
 * both directions, then bicubically so that it just covers the target: one extent is the target's, the other as large
 * or larger. Smaller pictures are enlarged. The last step waits for its crop.
 */
record Scaled(Rgb halved, int width, int height, SampleShape target) {
    static Scaled of(Rgb image, SampleShape target) {
        Rgb halved = image;
        while (halved.width() >= 2 * target.width() && halved.height() >= 2 * target.height()) {
            halved = Resampler.resize(halved, halved.width() / 2, halved.height() / 2, Resampler.Filter.BOX);
        }
        double scale = Math.max((double) target.width() / halved.width(), (double) target.height() / halved.height());
        int width = (int) Math.rint(halved.width() * scale); // half to even
        int height = (int) Math.rint(halved.height() * scale);
        return new Scaled(halved, width, height, target);
    }

    /** The target at the place that these choose: they get the spare columns or rows, and give those before it. */
    Rgb crop(IntUnaryOperator left, IntUnaryOperator top) {
        Crop crop = new Crop(
                left.applyAsInt(width - target.width()),
                top.applyAsInt(height - target.height()),
                target.width(),
                target.height());
        return Resampler.resize(halved, width, height, Resampler.Filter.BICUBIC, crop);
    }
}
