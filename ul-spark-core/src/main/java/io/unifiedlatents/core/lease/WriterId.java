package io.unifiedlatents.core.lease;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.unifiedlatents.core.config.Check;
import java.io.Serializable;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One attempt of one job that trains in a directory, written {@code <lease>.<attempt>}. A later one is greater.
 *
 * @param lease number of the lease under which it writes
 * @param attempt number of the attempt within that job, from 1
 */
public record WriterId(long lease, int attempt) implements Comparable<WriterId>, Serializable {
    /** The writer of everything that was written before directories had leases. */
    public static final WriterId NONE = new WriterId(0, 0);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,12})\\.(\\d{1,9})");
    private static final Comparator<WriterId> ORDER =
            Comparator.comparingLong(WriterId::lease).thenComparingInt(WriterId::attempt);

    /** Whether a text is that of a writer. */
    public static boolean isText(String text) {
        return TEXT.matcher(text).matches();
    }

    /** The writer of a text. */
    @JsonCreator
    public static WriterId parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        Check.argument(matcher.matches(), "writer '%s' is not of the form <lease>.<attempt>", text);
        return new WriterId(Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** The end of the names of files and directories that it writes; empty for {@link #NONE}. */
    public String suffix() {
        return equals(NONE) ? "" : "-" + this;
    }

    /** The writer of a name that ends with {@link #suffix}, given that end. */
    public static WriterId ofSuffix(String suffix) {
        return suffix.isEmpty() ? NONE : parse(suffix.substring(1));
    }

    @Override
    public int compareTo(WriterId other) {
        return ORDER.compare(this, other);
    }

    @JsonValue
    @Override
    public String toString() {
        return lease + "." + attempt;
    }
}
