package io.unifiedlatents.core.collective;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/** The upper half of a float32: 8 bits of exponent, 7 of mantissa. */
public final class Bfloat16 {
    private static final int QUIET_NAN = 0x40;

    private Bfloat16() {}

    /** The nearest bfloat16, ties to the even one; NaN stays NaN, values beyond the largest become infinite. */
    static short round(float value) {
        int bits = Float.floatToRawIntBits(value);
        int even = (bits >>> Short.SIZE) & 1;
        int code = Float.isNaN(value) ? bits >>> Short.SIZE | QUIET_NAN : (bits + 0x7FFF + even) >>> Short.SIZE;
        return (short) code;
    }

    /** The float32 of the same value. */
    public static float widen(short code) {
        return Float.intBitsToFloat(code << Short.SIZE);
    }

    /** Widens little-endian codes, as many as there are values; positions stay. */
    public static void widen(ByteBuffer codes, FloatBuffer values) {
        ShortBuffer from = codes.asShortBuffer();
        int count = values.remaining();
        for (int i = 0; i < count; i++) {
            values.put(i, widen(from.get(i)));
        }
    }
}
