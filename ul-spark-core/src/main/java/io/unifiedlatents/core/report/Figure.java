package io.unifiedlatents.core.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.unifiedlatents.core.config.Check;
import org.jspecify.annotations.Nullable;

/**
 * One measured number.
 *
 * @param name what was measured, as {@code psnr} or {@code frechet(resnet50)}; once in a report
 * @param value what came out; may be infinite (PSNR of equal pictures) or no number
 * @param standardError of the value, where it is a mean, in its unit; no number where it cannot be told
 * @param interval95 where the value lies with 95% confidence
 * @param unit as {@code dB}; null for plain numbers
 * @param better which way it improves; null where neither does
 * @param note what a reader has to know beside it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"name", "value", "standardError", "interval95", "unit", "better", "note"})
public record Figure(
        String name,
        double value,
        @Nullable Double standardError,
        @Nullable Interval interval95,
        @Nullable String unit,
        @Nullable Better better,
        @Nullable String note) {
    /** Standard errors on each side of a mean that make 95% of a normal distribution. */
    private static final double NORMAL_95 = 1.96;

    /** Checks name and error. */
    public Figure {
        Check.argument(name != null && !name.isBlank(), "a figure of value %s has no name", value);
        if (standardError != null) {
            Check.argument(
                    !(standardError < 0), "the standard error %s of %s must not be negative", standardError, name);
        }
    }

    /** A bare number; the methods below say more of it. */
    public static Figure of(String name, double value) {
        return new Figure(name, value, null, null, null, null, null);
    }

    /** The same with its standard error. */
    public Figure withStandardError(double error) {
        return new Figure(name, value, error, interval95, unit, better, note);
    }

    /** The same with its 95% interval. */
    public Figure withInterval95(double low, double high) {
        return new Figure(name, value, standardError, new Interval(low, high), unit, better, note);
    }

    /** The same in a unit. */
    public Figure in(String ofUnit) {
        return new Figure(name, value, standardError, interval95, ofUnit, better, note);
    }

    /** The same, small ones being good. */
    public Figure lowerIsBetter() {
        return new Figure(name, value, standardError, interval95, unit, Better.LOWER, note);
    }

    /** The same, large ones being good. */
    public Figure higherIsBetter() {
        return new Figure(name, value, standardError, interval95, unit, Better.HIGHER, note);
    }

    /** The same with a note. */
    public Figure withNote(String text) {
        return new Figure(name, value, standardError, interval95, unit, better, text);
    }

    /** The 95% interval: as measured, else 1.96 standard errors to each side; null where neither is known. */
    @Nullable
    Interval spread() {
        if (interval95 != null) {
            return interval95;
        }
        if (standardError == null || !Double.isFinite(standardError) || !Double.isFinite(value)) {
            return null;
        }
        return new Interval(value - NORMAL_95 * standardError, value + NORMAL_95 * standardError);
    }
}
