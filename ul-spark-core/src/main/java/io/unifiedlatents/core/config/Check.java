package io.unifiedlatents.core.config;

import com.google.errorprone.annotations.FormatMethod;

/** Argument checks whose messages carry the value. */
public final class Check {
    private Check() {}

    /**
     * Checks a setting.
     *
     * @throws ConfigException with the formatted message, unless {@code condition} holds
     */
    @FormatMethod
    public static void setting(boolean condition, String format, Object... values) {
        if (!condition) {
            throw new ConfigException(String.format(format, values));
        }
    }

    /**
     * Checks an argument of a call between parts of the program.
     *
     * @throws IllegalArgumentException with the formatted message, unless {@code condition} holds
     */
    @FormatMethod
    public static void argument(boolean condition, String format, Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(String.format(format, values));
        }
    }
}
