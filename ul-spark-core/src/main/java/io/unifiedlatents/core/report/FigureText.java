package io.unifiedlatents.core.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as people read them: as many digits as their error leaves, whatever the language of the machine. */
final class FigureText {
    private static final int DIGITS_OF_ERRORS = 2;
    private static final int DIGITS = 4;
    private static final int LEAST_DECIMALS = 2;
    private static final int MOST_DECIMALS = 8;
    private static final double TINY = 1e-6;

    private FigureText() {}

    /** Digits after the point: two of the error, or four of the number where no error is known; none of counts. */
    static int decimals(Figure figure) {
        double value = figure.value();
        Interval interval = figure.interval95();
        Double error = figure.standardError();
        double width =
                error != null && error > 0 ? error : interval == null ? 0 : (interval.high() - interval.low()) / 2;
        if (width > 0 && Double.isFinite(width)) {
            return Math.max(0, Math.min(MOST_DECIMALS, DIGITS_OF_ERRORS - 1 - magnitude(width)));
        }
        if (!Double.isFinite(value) || value == Math.rint(value)) {
            return 0;
        }
        return Math.max(LEAST_DECIMALS, Math.min(MOST_DECIMALS, DIGITS - 1 - magnitude(value)));
    }

    private static int magnitude(double value) {
        return (int) Math.floor(Math.log10(Math.abs(value)));
    }

    /** A number with digits after its point. */
    static String number(double value, int decimals) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
        }
        boolean tiny = value != 0 && Math.abs(value) < TINY;
        return String.format(Locale.ROOT, tiny ? "%.3e" : "%,." + decimals + "f", value);
    }

    /** Value with its 95% interval or, where there is none, its standard error. */
    static String withError(@Nullable Figure figure, int decimals) {
        if (figure == null) {
            return Difference.MISSING;
        }
        String value = number(figure.value(), decimals);
        if (figure.interval95() != null) {
            return value + " " + interval(figure.interval95(), decimals);
        }
        return figure.standardError() == null ? value : value + " ± " + number(figure.standardError(), decimals);
    }

    static String interval(Interval interval, int decimals) {
        return "[" + number(interval.low(), decimals) + ", " + number(interval.high(), decimals) + "]";
    }

    /** Name with unit. */
    static String title(Figure figure) {
        return figure.unit() == null ? figure.name() : figure.name() + ", " + figure.unit();
    }

    /** Which way it improves, as one character. */
    static String arrow(@Nullable Better better) {
        return better == null ? " " : better == Better.LOWER ? "↓" : "↑";
    }
}
