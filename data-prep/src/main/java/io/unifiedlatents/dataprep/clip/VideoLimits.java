package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.Check;
import java.time.Duration;

/**
 * The limits of memory and time for a video of unknown origin.
 *
 * @param maxPixels of a frame as stored; a decoder keeps up to some 17 frames of 1.5 to 6 bytes a pixel
 * @param time wall-clock time for one file, checked between packets
 */
public record VideoLimits(long maxPixels, Duration time) implements java.io.Serializable {
    /** 4096 x 2304 pixels, 5 minutes. */
    public static final VideoLimits DEFAULT = new VideoLimits(4096L * 2304, Duration.ofMinutes(5));

    /** Checks the ranges. */
    public VideoLimits {
        Check.argument(maxPixels > 0, "maxPixels=%d must be positive", maxPixels);
        Check.argument(!time.isNegative(), "time=%s must not be negative", time);
    }
}
