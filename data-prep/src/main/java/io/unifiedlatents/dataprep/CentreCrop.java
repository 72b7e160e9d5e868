package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.Rgb;

/**
 * The centre crop of ADM (arXiv:2105.05233) that published ImageNet reference statistics rest on: halved with a box
 * filter while the shorter side is at least twice the target, resized bicubically so that the shorter side is the
 * target, then cropped in the middle. Pictures smaller than the target are enlarged.
 */
final class CentreCrop {
    /** Name of this transform in footers and config hashes; a change of the pixels must change it. */
    static final String NAME = "adm-centre-crop-1";

    private CentreCrop() {}

    /** The square picture of side {@code resolution}. */
    static Rgb apply(Rgb image, int resolution) {
        Rgb halved = image;
        while (shorterSide(halved) >= 2 * resolution) {
            halved = Resampler.resize(halved, halved.width() / 2, halved.height() / 2, Resampler.Filter.BOX);
        }
        double scale = (double) resolution / shorterSide(halved);
        int width = (int) Math.rint(halved.width() * scale); // half to even
        int height = (int) Math.rint(halved.height() * scale);
        return crop(Resampler.resize(halved, width, height, Resampler.Filter.BICUBIC), resolution);
    }

    private static Rgb crop(Rgb image, int side) {
        int left = (image.width() - side) / 2;
        int top = (image.height() - side) / 2;
        byte[] pixels = new byte[3 * side * side];
        for (int y = 0; y < side; y++) {
            System.arraycopy(image.pixels(), 3 * ((top + y) * image.width() + left), pixels, 3 * y * side, 3 * side);
        }
        return new Rgb(side, side, pixels);
    }

    private static int shorterSide(Rgb image) {
        return Math.min(image.width(), image.height());
    }
}
