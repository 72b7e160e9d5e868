package io.unifiedlatents.core.config;

import com.google.errorprone.annotations.FormatMethod;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

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
     * Checks a setting that names a folder: it must stay where it is put.
     *
     * @throws ConfigException unless it is made of letters, digits, dots, hyphens and underscores
     */
    public static void folder(String key, String name) {
        setting(
                name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"),
                "%s is '%s'; it must begin with a letter or digit and go on with these, dots, hyphens and underscores",
                key,
                name);
    }

    /**
     * Checks a setting that is a regular expression.
     *
     * @throws ConfigException unless it can be compiled
     */
    public static void regularExpression(String key, String pattern) {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new ConfigException(
                    key + " is '" + pattern + "', which is no regular expression: " + e.getDescription());
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
