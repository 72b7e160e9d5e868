package io.unifiedlatents.core.loss;

/** The unit of every reported loss. */
public final class Bits {
    private Bits() {}

    /**
     * What turns nats of one picture into bits per pixel: 1 / (H · W · ln 2), without a factor for colour channels
     * (Unified Latents, Sec. 5).
     */
    public static double perPixel(int resolution) {
        return 1 / ((double) resolution * resolution * Math.log(2));
    }
}
