package io.unifiedlatents.core.train;

import io.unifiedlatents.core.config.ObjectiveConfig;
import io.unifiedlatents.core.loss.BaseLoss;
import io.unifiedlatents.core.loss.Bits;
import io.unifiedlatents.core.model.Base;
import io.unifiedlatents.core.model.UnifiedLatents;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Value;
import java.util.List;

/**
 * The base model: a diffusion model of frozen clean latents down to the fixed noise of the latent (Unified Latents,
 * Sec. 3.3). Pixels are not read.
 */
public final class BaseObjective {
    private BaseObjective() {}

    /** The objective of a model; {@code seed} is the run's. */
    public static Objective of(UnifiedLatents model, ObjectiveConfig config, DType compute, long seed) {
        ObjectiveWriter w = new ObjectiveWriter(compute, seed);
        Base base = model.base();
        Value z = w.latents(model.config().latent()); // [B, C, h, w]
        List<Value> conditions = w.conditions(base.conditions());
        w.seed();
        BaseLoss terms =
                BaseLoss.of(w.scope("base"), base.of(conditions), z, model.latentSchedule(), config.baseBias(), w);
        double bits = Bits.perPixel(model.config().sample());
        w.term("loss", terms.loss().mul(bits));
        w.term("bitsPerPixel", terms.bound().mul(bits));
        return w.finish();
    }
}
