package io.unifiedlatents.core.config;

import java.util.Locale;

/** The rule that leaves out inputs whose content occurred before. */
public enum Deduplication {
    /** Nothing is left out. */
    NONE,
    /** Training leaves out what is held out as well. */
    TRAINING,
    /** Only the first of equal inputs stays. */
    ALL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
