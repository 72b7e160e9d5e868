package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.random.Seeds;
import java.io.Serializable;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The transform of a picture between decoding and storing: a function of the picture, the settings and the sample's id.
 */
public sealed interface PictureTransform extends Serializable {
    /** Names that {@link #named} knows. */
    List<String> NAMES = List.of(
            "centre-crop",
            "random-crop",
            "top-left-crop",
            "top-right-crop",
            "bottom-left-crop",
            "bottom-right-crop",
            "stretch",
            "none");

    /** Name, version and settings, for footers and config hashes; a change of the pixels must change it. */
    String id();

    /** The shape of the pictures that come out; null where they have any size. */
    @Nullable
    SampleShape shape();

    /**
     * Transforms a picture.
     *
     * @param sampleId seeds random transforms
     * @return a picture that may share its pixels with {@code image}
     */
    Rgb apply(Rgb image, String sampleId);

    /**
     * The transform of a name.
     *
     * @param name one of {@link #NAMES}
     * @param height of the pictures that come out, in pixels; {@code none} does not heed it
     * @param width likewise
     * @param seed of random transforms
     * @throws ConfigException where the name is not known
     */
    static PictureTransform named(String name, int height, int width, long seed) {
        SampleShape shape = SampleShape.picture(height, width);
        return switch (name) {
            case "centre-crop" -> new FixedCrop("adm-centre-crop-1", shape, 1, 1);
            case "random-crop" -> new RandomCrop(shape, seed);
            case "top-left-crop" -> new FixedCrop("top-left-crop-1", shape, 0, 0);
            case "top-right-crop" -> new FixedCrop("top-right-crop-1", shape, 2, 0);
            case "bottom-left-crop" -> new FixedCrop("bottom-left-crop-1", shape, 0, 2);
            case "bottom-right-crop" -> new FixedCrop("bottom-right-crop-1", shape, 2, 2);
            case "stretch" -> new Stretch(shape);
            case "none" -> new None();
            default ->
                throw new ConfigException(
                        "picture transform " + name + " is not known; use one of " + String.join(", ", NAMES));
        };
    }

    /**
     * Returns a crop of ADM's scaling: halved with a box filter while the picture is at least twice the target in both
     * directions, then bicubically so that it just covers the target. Smaller pictures are enlarged.
     *
     * @param left the columns left of the crop, chosen from the number of spare columns
     * @param top the rows above the crop, chosen from the number of spare rows
     */
    private static Rgb scaledCrop(Rgb image, SampleShape target, IntUnaryOperator left, IntUnaryOperator top) {
        Rgb halved = image;
        while (halved.width() >= 2 * target.width() && halved.height() >= 2 * target.height()) {
            halved = Resampler.resize(halved, halved.width() / 2, halved.height() / 2, Resampler.Filter.BOX);
        }
        double scale = Math.max((double) target.width() / halved.width(), (double) target.height() / halved.height());
        int width = (int) Math.rint(halved.width() * scale); // half to even
        int height = (int) Math.rint(halved.height() * scale);
        Crop crop = new Crop(
                left.applyAsInt(width - target.width()),
                top.applyAsInt(height - target.height()),
                target.width(),
                target.height());
        return Resampler.resize(halved, width, height, Resampler.Filter.BICUBIC, crop);
    }

    /**
     * The scaling of ADM (arXiv:2105.05233) and a crop of it. In the centre it is what published ImageNet reference
     * statistics rest on.
     *
     * @param version name and version
     * @param shape of the crop
     * @param across halves of the spare columns that lie left of the crop, 0 to 2
     * @param down halves of the spare rows above it, 0 to 2
     */
    record FixedCrop(String version, SampleShape shape, int across, int down) implements PictureTransform {
        @Override
        public String id() {
            return version + " " + shape.size();
        }

        @Override
        public Rgb apply(Rgb image, String sampleId) {
            return scaledCrop(image, shape, spare -> spare * across / 2, spare -> spare * down / 2);
        }
    }

    /** The same scaling, cropped at a place that is drawn evenly. */
    record RandomCrop(SampleShape shape, long seed) implements PictureTransform {
        @Override
        public String id() {
            return "random-crop-1 " + shape.size() + " seed " + seed;
        }

        @Override
        public Rgb apply(Rgb image, String sampleId) {
            return scaledCrop(image, shape, spare -> draw(spare, sampleId, 0), spare -> draw(spare, sampleId, 1));
        }

        private int draw(int spare, String sampleId, int axis) {
            return (int) (Seeds.unitInterval(Seeds.of(seed, "crop " + sampleId, axis)) * (spare + 1));
        }
    }

    /** Bicubic to the shape, whatever the shape was before. */
    record Stretch(SampleShape shape) implements PictureTransform {
        @Override
        public String id() {
            return "stretch-1 " + shape.size();
        }

        @Override
        public Rgb apply(Rgb image, String sampleId) {
            return Resampler.resize(image, shape.width(), shape.height(), Resampler.Filter.BICUBIC);
        }
    }

    /** Leaves pictures as they are. */
    record None() implements PictureTransform {
        @Override
        public String id() {
            return "none";
        }

        @Override
        public @Nullable SampleShape shape() {
            return null;
        }

        @Override
        public Rgb apply(Rgb image, String sampleId) {
            return image;
        }
    }
}
