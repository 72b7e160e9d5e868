package io.unifiedlatents.core.judge;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The quality of the moving average on a few held-out pictures, in reconstruction or as base model.
 *
 * @param step steps done
 * @param images pictures judged
 * @param psnrDecibels mean over them; null of a base model, which draws samples
 * @param bitsPerPixel mean over them of the bound of the prior, or of the base model
 * @param samplerSteps denoising steps of the decoder
 * @param baseSteps denoising steps of the base model; 0 where none samples
 * @param distance between originals and reconstructions or samples, where there is a detector
 * @param seconds that it took
 */
public record HeldOutReport(
        long step,
        int images,
        @Nullable Double psnrDecibels,
        double bitsPerPixel,
        int samplerSteps,
        int baseSteps,
        @Nullable Distance distance,
        double seconds)
        implements Serializable {

    /** The pictures of the grid. */
    public String shown() {
        return psnrDecibels == null ? "samples" : "reconstructions";
    }

    /**
     * A Fréchet distance of few pictures: it orders the steps of one run, and compares with nothing else.
     *
     * @param value the distance
     * @param count pictures of each side
     * @param dimensions of the features
     */
    public record Distance(double value, long count, int dimensions) implements Serializable {}
}
