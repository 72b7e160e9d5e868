package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.config.Precision;
import java.util.Locale;

/** The element type of a tensor. */
public enum DType {
    /** Unsigned byte: pixels. */
    UINT8(0, 1),
    /** 64-bit integer: seeds, labels. */
    INT64(4, 8),
    /** Single precision: parameters, losses, and all other real numbers that enter or leave a script. */
    FLOAT32(6, 4),
    /** Double precision: statistics. */
    FLOAT64(7, 8),
    /** Truth value: results of comparisons. */
    BOOL(11, 1),
    /** Brain float: matrix products, convolutions and attention; only inside scripts. */
    BFLOAT16(15, 2);

    private final int code;
    private final int bytes;

    DType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The element type of a precision that a config names. */
    public static DType of(Precision precision) {
        return switch (precision) {
            case FP32 -> FLOAT32;
            case BF16 -> BFLOAT16;
        };
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The {@code ScalarType} number in TorchScript text. */
    int code() {
        return code;
    }

    boolean isFloating() {
        return this != UINT8 && this != INT64 && this != BOOL;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
