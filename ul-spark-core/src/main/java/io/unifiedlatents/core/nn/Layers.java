package io.unifiedlatents.core.nn;

import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Arrays;

/** Layers with parameters: each is a method that asks its scope for what it needs. */
public final class Layers {
    private static final int FREQUENCIES = 32;
    private static final double POSITION_STD = 0.02;

    private Layers() {}

    /**
     * Convolution with zero padding that keeps the grid, [B, in, n...] → [B, out, n/stride...]. Kernel and stride are
     * the same along all spatial axes.
     */
    public static Value conv(Scope s, Value x, long out, int kernel, int stride) {
        long inputs = x.extent(1);
        for (int axis = 2; axis < x.rank(); axis++) {
            inputs *= kernel;
        }
        return conv(s, x, out, kernel, stride, Initializer.fanIn(1, inputs));
    }

    /** As {@link #conv(Scope, Value, long, int, int)} with chosen start weights. */
    public static Value conv(Scope s, Value x, long out, int kernel, int stride, Initializer start) {
        long[] extents = new long[x.rank()];
        Arrays.fill(extents, kernel);
        extents[0] = out;
        extents[x.rank() - 1] = x.extent(1);
        Value weight = s.parameter("weight", start, extents);
        Value bias = s.parameter("bias", Initializer.zeros(), out);
        return Functions.conv(s, x, weight, bias, stride);
    }

    /** Affine map of the last axis to {@code out} channels. */
    public static Value linear(Scope s, Value x, long out) {
        return linear(s, x, out, Initializer.fanIn(1, x.extent(x.rank() - 1)));
    }

    /** As {@link #linear(Scope, Value, long)} with chosen start weights. */
    public static Value linear(Scope s, Value x, long out, Initializer start) {
        Value weight = s.parameter("weight", start, out, x.extent(x.rank() - 1));
        Value bias = s.parameter("bias", Initializer.zeros(), out);
        return Functions.linear(s, x, weight, bias);
    }

    /** Layer norm over the last axis with learned gain and bias. */
    public static Value layerNorm(Scope s, Value x) {
        long channels = x.extent(x.rank() - 1);
        return Functions.layerNorm(
                s,
                x,
                s.parameter("gain", Initializer.ones(), channels),
                s.parameter("bias", Initializer.zeros(), channels));
    }

    /** Root-mean-square norm over the last axis with learned gain. */
    public static Value rmsNorm(Scope s, Value x) {
        return Functions.rmsNorm(s, x, s.parameter("gain", Initializer.ones(), x.extent(x.rank() - 1)));
    }

    /** The noise level of each sample as features, [B] float32 → [B, width]. */
    public static Value logSnrEmbedding(Scope s, Value logSnr, int width) {
        // λ runs over about [−20, 20]: wavelengths from 60 down to 0.6 nats
        Value features = Functions.fourierFeatures(s, logSnr, FREQUENCIES, 0.1, 10);
        Value hidden =
                linear(s.at("in"), features.to(s.graph().compute()), width).silu();
        return linear(s.at("out"), hidden, width).silu();
    }

    /** Tokens with a learned vector of their position added, [B, T, C] → [B, T, C]. */
    public static Value positioned(Scope s, Value tokens) {
        Initializer start = new Initializer.Normal(POSITION_STD);
        return tokens.add(s.parameter("position", start, 1, tokens.extent(1), tokens.extent(2)));
    }

    /** A grid as tokens, [B, C, n...] → [B, T, C]; the last spatial axis runs fastest. */
    public static Value tokens(Value x) {
        long tokens = Arrays.stream(x.spatial()).reduce(1, (a, b) -> a * b);
        return x.moveAxis(1, x.rank() - 1).reshape(-1, tokens, x.extent(1));
    }

    /** Tokens as a grid of these spatial extents, [B, T, C] → [B, C, n...], channels-last in memory. */
    public static Value grid(Value tokens, long... spatial) {
        long[] extents = new long[spatial.length + 2];
        extents[0] = -1;
        System.arraycopy(spatial, 0, extents, 1, spatial.length);
        extents[spatial.length + 1] = tokens.extent(2);
        return tokens.reshape(extents).moveAxis(spatial.length + 1, 1);
    }
}
