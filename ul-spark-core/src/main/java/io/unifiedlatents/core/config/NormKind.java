package io.unifiedlatents.core.config;

import java.util.Locale;

/** The normalization inside convolution blocks. */
public enum NormKind {
    /** Layer norm over the channels of each position; fastest on CPUs. */
    LAYER,
    /** Group norm with 32 groups or fewer. */
    GROUP,
    /** Root-mean-square norm over the channels of each position. */
    RMS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
