package io.unifiedlatents.core.nn;

import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/** Normalisation of grids inside convolution blocks. */
public enum Norm {
    /** Layer norm over the channels of each position. */
    LAYER,
    /** Group norm with 32 groups, or the largest number of groups below that divides the channels. */
    GROUP,
    /** Root-mean-square norm over the channels of each position. */
    RMS;

    private static final int MAX_GROUPS = 32;

    /** The norm that a config names. */
    public static Norm of(NormKind kind) {
        return switch (kind) {
            case LAYER -> LAYER;
            case GROUP -> GROUP;
            case RMS -> RMS;
        };
    }

    /** Normalises [B, C, n...] with learned gain (and bias, where the kind has one). */
    public Value apply(Scope s, Value x) {
        if (this == GROUP) {
            long channels = x.extent(1);
            int groups = MAX_GROUPS;
            while (channels % groups != 0) {
                groups--;
            }
            Value gain = s.parameter("gain", Initializer.ones(), channels);
            Value bias = s.parameter("bias", Initializer.zeros(), channels);
            return Functions.groupNorm(s, x, groups, gain, bias);
        }
        Value channelsInnermost = x.moveAxis(1, x.rank() - 1); // [B, n..., C]: a view of channels-last memory
        Value normal = this == LAYER ? Layers.layerNorm(s, channelsInnermost) : Layers.rmsNorm(s, channelsInnermost);
        return normal.moveAxis(x.rank() - 1, 1);
    }
}
