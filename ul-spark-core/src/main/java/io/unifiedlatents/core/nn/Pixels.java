package io.unifiedlatents.core.nn;

import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Value;

/** From stored bytes to what networks see. */
public final class Pixels {
    private static final double HALF_RANGE = 127.5;

    private Pixels() {}

    /** uint8 [B, n..., C] in [0, 255] → float32 [B, C, n...] in [−1, 1], channels-last in memory without a copy. */
    public static Value fromBytes(Value bytes) {
        return bytes.moveAxis(bytes.rank() - 1, 1)
                .to(DType.FLOAT32)
                .mul(1 / HALF_RANGE)
                .add(-1);
    }
}
