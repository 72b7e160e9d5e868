package io.unifiedlatents.dataprep.picture;

import io.unifiedlatents.dataprep.source.UnusableInput;

/** The error of a picture that cannot be used. */
public final class Unreadable extends UnusableInput {
    private Unreadable(String reason) {
        super(reason);
    }

    static Unreadable unknown() {
        return new Unreadable("not a picture in a known format");
    }

    static Unreadable damaged(String what) {
        return new Unreadable("damaged picture: " + what);
    }

    static Unreadable tooLarge(String what) {
        return new Unreadable("too large: " + what);
    }
}
