package io.unifiedlatents.core.collective;

import io.unifiedlatents.core.config.Check;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * The rounding error of one rank's bfloat16 messages: every value is sent as {@code bf16(value + residual)}, and the
 * residual becomes the error of that rounding, which is thus sent later. Over T sums of the same gradient the mean of
 * what arrives is off by at most half a bfloat16 step of the value divided by T for each rank it passed (error
 * feedback, Seide et al. 2014, "1-bit stochastic gradient descent").
 *
 * <p>State of the rank, as long as the vector and float32. It is no part of checkpoints: training clears it wherever it
 * saves one, so that a run that goes on from there does what the uninterrupted run does. Used for one vector and one
 * partition only, by one operation at a time.
 */
public final class ErrorFeedback {
    private final FloatVector residual;

    /** Creates an error feedback of zeros. */
    public ErrorFeedback(long size) {
        this(FloatVector.allocate(size));
    }

    /** Creates an error feedback over a residual, which stays the caller's memory and is updated in place. */
    public ErrorFeedback(FloatVector residual) {
        this.residual = residual;
    }

    /** The errors not yet sent, one float32 per element of the vector; zero where this rank sends nothing. */
    public FloatVector residual() {
        return residual;
    }

    /** Sets the residual to zero. */
    public void clear() {
        for (FloatBuffer slice : residual.slices()) {
            while (slice.hasRemaining()) {
                slice.put(0);
            }
        }
    }

    /** The error feedback of elements [begin, end), which shares memory with the whole. */
    public ErrorFeedback range(long begin, long end) {
        return new ErrorFeedback(residual.range(begin, end));
    }

    public void checkFits(Floats vector) {
        Check.argument(
                residual.size() == vector.size(),
                "an error feedback of %s floats does not fit a vector of %s",
                residual.size(),
                vector.size());
    }

    /**
     * Rounds floats for sending, and keeps the error in the residual.
     *
     * @param vector of the residual's size, not changed
     * @param target filled with {@code length} bfloat16 values, little endian, from its position on
     */
    public void encode(FloatVector vector, long begin, int length, ByteBuffer target) {
        ShortBuffer codes = target.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        for (int at = 0; at < length; ) {
            FloatBuffer owed = residual.slice(begin + at, length - at);
            FloatBuffer values = vector.slice(begin + at, owed.remaining());
            int count = values.remaining();
            encode(values, owed, codes, count);
            codes.position(codes.position() + count);
            at += count;
        }
        target.position(target.position() + length * Short.BYTES);
    }

    private static void encode(FloatBuffer values, FloatBuffer owed, ShortBuffer codes, int count) {
        int base = codes.position();
        for (int i = 0; i < count; i++) {
            float exact = values.get(i) + owed.get(i);
            short code = Bfloat16.round(exact);
            codes.put(base + i, code);
            float lost = exact - Bfloat16.widen(code);
            owed.put(i, Math.abs(lost) <= Float.MAX_VALUE ? lost : 0); // a gradient that is not finite owes nothing
        }
    }
}
