package io.unifiedlatents.dataprep.source;

/** Why an input cannot be used: one of a few fixed short phrases, a colon, and the particulars. */
public final class Unreadable extends Exception {
    /** Such as {@code "damaged picture: ..."}. */
    public Unreadable(String reason) {
        super(reason);
    }

    /** The reason; never null. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
