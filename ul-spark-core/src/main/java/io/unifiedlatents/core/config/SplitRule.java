package io.unifiedlatents.core.config;

import java.util.Locale;

/** The rule that assigns an input to training, validation or test. */
public enum SplitRule {
    /** The hash of the input's path. */
    HASH,
    /** A folder of the path, such as {@code train} or {@code val}. */
    FOLDER,
    /** The annotations or columns of the source. */
    ANNOTATIONS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
