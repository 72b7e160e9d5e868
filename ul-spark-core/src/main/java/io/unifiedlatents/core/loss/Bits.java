package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.config.SampleShape;

/** The unit of every reported loss. */
public final class Bits {
    private Bits() {}

    /**
     * The factor from nats of one sample to bits per pixel: 1 / (frames · H · W · ln 2), without a factor for colour
     * channels (Unified Latents, Sec. 5).
     */
    public static double perPixel(SampleShape sample) {
        return 1 / (sample.positions() * Math.log(2));
    }
}
