package io.unifiedlatents.dataprep.picture;

/** Why an input is skipped: a kind of reason, then a colon and the particulars, such as {@code damaged picture: …}. */
public final class Unreadable extends Exception {
    private final String kind;

    private Unreadable(String kind, String particulars) {
        super(kind + particulars);
        this.kind = kind;
    }

    static Unreadable unknown() {
        return new Unreadable("not a picture in a known format", "");
    }

    static Unreadable damaged(String what) {
        return new Unreadable("damaged picture", ": " + what);
    }

    static Unreadable tooLarge(String what) {
        return new Unreadable("too large", ": " + what);
    }

    /** What to count by: {@code damaged picture}, {@code too large} or {@code not a picture in a known format}. */
    public String kind() {
        return kind;
    }
}
