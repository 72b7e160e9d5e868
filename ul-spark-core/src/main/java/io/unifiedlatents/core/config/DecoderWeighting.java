package io.unifiedlatents.core.config;

import com.google.errorprone.annotations.Immutable;
import io.unifiedlatents.core.schedule.Weighting;
import java.util.Locale;

/** The weightings of the decoder's diffusion loss that a config can name. */
public enum DecoderWeighting {
    /** c · sigmoid(b − λ): levels cleaner than the bias are left to the decoder (Unified Latents, Fig. 3). */
    SIGMOID(Weighting::sigmoid),
    /** c at every level: the ELBO times the loss factor, without a bias. */
    ELBO((factor, bias) -> Weighting.elbo(factor));

    @Immutable
    private interface Formula {
        Weighting of(double factor, double bias);
    }

    private final Formula formula;

    DecoderWeighting(Formula formula) {
        this.formula = formula;
    }

    /**
     * The weighting itself.
     *
     * @param factor c, the loss factor
     * @param bias b, nats
     */
    public Weighting of(double factor, double bias) {
        return formula.of(factor, bias);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
