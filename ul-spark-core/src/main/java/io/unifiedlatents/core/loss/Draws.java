package io.unifiedlatents.core.loss;

import io.unifiedlatents.core.schedule.NoiseSchedule;
import io.unifiedlatents.core.schedule.Weighting;
import io.unifiedlatents.core.torchscript.Value;

/** The random quantities of a loss, drawn in the order in which its terms ask for them. */
public interface Draws {
    /** Standard normal noise, float32, of the shape of a value. */
    Value normalLike(Value x);

    /**
     * A noise level for each sample.
     *
     * @param purpose names the draw, so that different terms have independent levels; terms that name the same purpose
     *     share their times
     */
    Diffusion level(NoiseSchedule schedule, Weighting weighting, String purpose);
}
