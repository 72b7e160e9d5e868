package io.unifiedlatents.core.data;

import io.unifiedlatents.core.config.Check;
import java.io.Serializable;

/**
 * Shape of one latent.
 *
 * @param channels C
 * @param height h, in latent cells
 * @param width w, in latent cells
 */
public record LatentShape(int channels, int height, int width) implements Serializable {
    /** Checks that each extent is positive. */
    public LatentShape {
        Check.argument(
                channels > 0 && height > 0 && width > 0,
                "latent shape [%d, %d, %d] must be positive in each extent",
                channels,
                height,
                width);
    }

    /** C·h·w. */
    public int values() {
        return Math.multiplyExact(channels, Math.multiplyExact(height, width));
    }
}
