package io.unifiedlatents.core.report;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import java.util.List;

/**
 * Pictures or clips of a page under one title, all of one shape.
 *
 * @param title as {@code worst by PSNR}
 * @param shape of each, with 3 channels
 * @param shown the pictures, those to be left out first last
 */
public record PictureSection(String title, SampleShape shape, List<Shown> shown) {
    /** Checks the sizes. */
    public PictureSection {
        shown = List.copyOf(shown);
        int bytes = shape.values();
        for (Shown each : shown) {
            byte[] original = each.original();
            Check.argument(
                    each.picture().length == bytes && (original == null || original.length == bytes),
                    "%s: %s has not the %d bytes of %s",
                    title,
                    each.id(),
                    bytes,
                    shape);
        }
    }
}
