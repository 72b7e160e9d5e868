package io.unifiedlatents.core.config;

import java.util.Locale;

/** A floating-point type of network computation, or of gradients on their way between ranks. */
public enum Precision {
    /** IEEE single precision, 32 bits. */
    FP32,
    /** Brain float, 16 bits. */
    BF16;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
