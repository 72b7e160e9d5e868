package io.unifiedlatents.core.collective;

import java.util.Locale;

/** The operation that a frame belongs to; the codes are part of the wire format. */
public enum Operation {
    REDUCE_SCATTER(1),
    ALL_GATHER(2),
    ALL_REDUCE_VALUE(3),
    BROADCAST(4),
    BARRIER(5),
    REDUCE_SCATTER_BF16(6);

    private final int code;

    Operation(int code) {
        this.code = code;
    }

    /** Its number in a frame. */
    public int code() {
        return code;
    }

    /** Its name in messages, such as {@code reduce-scatter}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The name of a code, also of an unknown one. */
    public static String text(int code) {
        for (Operation operation : values()) {
            if (operation.code == code) {
                return operation.text();
            }
        }
        return "operation " + code;
    }
}
