package io.unifiedlatents.core.report;

import io.unifiedlatents.core.config.Check;
import java.util.List;

/**
 * Pictures of a page under one title, all of one size.
 *
 * @param title as {@code worst by PSNR}
 * @param width of each frame in pixels
 * @param height of each frame in pixels
 * @param frames of each clip; 1 for pictures
 * @param shown the pictures, those to be left out first last
 */
public record PictureSection(String title, int width, int height, int frames, List<Shown> shown) {
    /** Checks the sizes. */
    public PictureSection {
        Check.argument(
                width >= 1 && height >= 1 && frames >= 1,
                "%s: %d frames of %d x %d pixels are none",
                title,
                frames,
                width,
                height);
        shown = List.copyOf(shown);
        long bytes = 3L * width * height * frames;
        for (Shown each : shown) {
            byte[] original = each.original();
            Check.argument(
                    each.picture().length == bytes && (original == null || original.length == bytes),
                    "%s: %s has not %d bytes, that is %d frames of %d x %d pixels of 3",
                    title,
                    each.id(),
                    bytes,
                    frames,
                    width,
                    height);
        }
    }

    /** Pictures of one frame. */
    public static PictureSection pictures(String title, int width, int height, List<Shown> shown) {
        return new PictureSection(title, width, height, 1, shown);
    }
}
