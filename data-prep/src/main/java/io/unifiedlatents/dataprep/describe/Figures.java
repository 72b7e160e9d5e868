package io.unifiedlatents.dataprep.describe;

import java.util.Locale;

/** Formats of numbers on cards, the same under every locale. */
final class Figures {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Figures() {}

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Four digits after the point, as these figures are cited. */
    static String share(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024) {
            value /= 1024;
            unit++;
        }
        return String.format(
                Locale.ROOT, unit == 0 || value == Math.rint(value) ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }

    /** Returns the range of a bin of bytes. */
    static String bytes(Card.Bin bin) {
        return bytes(bin.from()) + " – " + bytes(bin.to());
    }

    /** Returns the range of a bin of whole pixels. */
    static String pixels(Card.Bin bin) {
        return bin.to() == 0 ? bin.from() + " and more" : bin.from() + " – " + (bin.to() - 1);
    }
}
