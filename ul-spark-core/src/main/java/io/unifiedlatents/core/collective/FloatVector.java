package io.unifiedlatents.core.collective;

import java.nio.FloatBuffer;

/** Temporary. */
public final class FloatVector {
    private final FloatBuffer b;

    private FloatVector(FloatBuffer b) {
        this.b = b;
    }

    public static FloatVector of(FloatBuffer b) {
        return new FloatVector(b);
    }

    public FloatVector range(long begin, long end) {
        return new FloatVector(b.slice((int) begin, (int) (end - begin)));
    }
}
