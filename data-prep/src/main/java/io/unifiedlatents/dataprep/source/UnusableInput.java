package io.unifiedlatents.dataprep.source;

/** Why an input cannot be used: one of a few fixed short phrases, a colon, and the particulars. */
public class UnusableInput extends Exception {
    /** Such as {@code "damaged picture: it ends early"}. */
    public UnusableInput(String reason) {
        super(reason);
    }

    /** The reason. */
    public final String reason() {
        return String.valueOf(getMessage());
    }

    /** The kind of problem that it is counted as: the phrase before the colon. */
    public final String kind() {
        return kind(reason());
    }

    /** The phrase before the colon of a reason. */
    public static String kind(String reason) {
        return reason.split(":", 2)[0];
    }
}
