package io.unifiedlatents.core.torchscript;

/**
 * Operations that change the tensor {@code x}, whose memory is the caller's, and return it. Other operands broadcast to
 * its shape. Methods that differentiate must not use them.
 */
public final class InPlace {
    private InPlace() {}

    /** x ← x + alpha · y. */
    public static Value add(Value x, Value y, double alpha) {
        return change(x, "add_", y, Argument.keyword("alpha", alpha));
    }

    /** x ← x − y. */
    public static Value sub(Value x, Value y) {
        return change(x, "sub_", y);
    }

    /** x ← factor · x. */
    public static Value mul(Value x, double factor) {
        return change(x, "mul_", factor);
    }

    /** x ← x · y. */
    public static Value mul(Value x, Value y) {
        return change(x, "mul_", y);
    }

    /** x ← x + factor · a · b. */
    public static Value addcmul(Value x, Value a, Value b, double factor) {
        return change(x, "addcmul_", a, b, Argument.keyword("value", factor));
    }

    /** x ← x + weight · (end − x). */
    public static Value lerp(Value x, Value end, Value weight) {
        return change(x, "lerp_", end, weight);
    }

    /** x ← 0. */
    public static Value zero(Value x) {
        return change(x, "zero_");
    }

    private static Value change(Value x, String operation, Object... operands) {
        for (Object operand : operands) {
            if (operand instanceof Value y) {
                boolean fits = x.shape().spans(y.shape()) && x.dtype() == y.dtype();
                x.require(fits, "cannot %s with %s in place", operation, y);
            }
        }
        return x.emit(Node.Kind.IN_PLACE, x.shape(), operation, operands);
    }
}
