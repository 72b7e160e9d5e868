package io.unifiedlatents.core.schedule;

/** Weight w(λ) of a noise level relative to the ELBO, in the form that multiplies −λ′/2 ‖ε − ε̂‖². */
public interface Weighting {
    /** w(λ). */
    double at(double logSnr);

    /** w = 1, the ELBO itself, which makes the prior loss a bound in bits (Unified Latents, Eq. 3). */
    static Weighting elbo() {
        return elbo(1);
    }

    /** w = c at every level: the ELBO times a factor. */
    static Weighting elbo(double factor) {
        return logSnr -> factor;
    }

    /**
     * c · sigmoid(b − λ): levels below b cost c times their ELBO, levels above are left to the decoder. Written in the
     * form of Fig. 3 of Unified Latents; Eq. 4 and Secs. 2, 3.2 print sigmoid(λ − b), which contradicts figure, text
     * and sources.
     *
     * @param factor c, the loss factor, 1.3 to 2 in the paper
     * @param bias b, nats
     */
    static Weighting sigmoid(double factor, double bias) {
        return logSnr -> factor * NoiseLevel.sigmoid(bias - logSnr);
    }
}
