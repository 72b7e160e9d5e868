package io.unifiedlatents.core.metrics;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How well the moving average reconstructs a few held-out pictures.
 *
 * @param step steps done
 * @param images pictures judged
 * @param psnrDecibels mean over them
 * @param bitsPerPixel mean over them of the prior's bound
 * @param samplerSteps denoising steps of a reconstruction
 * @param distance between originals and reconstructions, where there is a detector
 * @param seconds that it took
 */
public record HeldOutReport(
        long step,
        int images,
        double psnrDecibels,
        double bitsPerPixel,
        int samplerSteps,
        @Nullable Distance distance,
        double seconds)
        implements Serializable {

    /**
     * A Fréchet distance of few pictures: it orders the steps of one run, and compares with nothing else.
     *
     * @param value the distance
     * @param count pictures of each side
     * @param dimensions of the features
     */
    public record Distance(double value, long count, int dimensions) implements Serializable {}
}
