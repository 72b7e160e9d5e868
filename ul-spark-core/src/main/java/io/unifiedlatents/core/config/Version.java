package io.unifiedlatents.core.config;

import java.util.Objects;

/** The version of this software. */
public final class Version {
    /** Version of the jar, as {@code 0.1.0}; {@code development} where classes were not loaded from a jar. */
    public static final String OF_SOFTWARE =
            Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");

    private Version() {}
}
