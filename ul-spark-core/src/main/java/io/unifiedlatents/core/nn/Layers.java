package io.unifiedlatents.core.nn;

import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;

/** Layers with parameters: each is a method that asks its scope for what it needs. */
public final class Layers {
    private static final int FREQUENCIES = 32;

    private Layers() {}

    /** Convolution with zero padding that keeps the grid, [B, in, H, W] → [B, out, H/stride, W/stride]. */
    public static Value conv(Scope s, Value x, long out, int kernel, int stride) {
        long in = x.extent(1);
        return conv(s, x, out, kernel, stride, Initializer.fanIn(1, in * kernel * kernel));
    }

    /** As {@link #conv(Scope, Value, long, int, int)} with chosen start weights. */
    public static Value conv(Scope s, Value x, long out, int kernel, int stride, Initializer start) {
        Value weight = s.parameter("weight", start, out, kernel, kernel, x.extent(1));
        Value bias = s.parameter("bias", Initializer.zeros(), out);
        return Functions.conv2d(s, x, weight, bias, stride);
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

    /** Pictures as tokens, [B, C, h, w] → [B, h·w, C]. */
    public static Value tokens(Value x) {
        return x.permute(0, 2, 3, 1).reshape(-1, x.extent(2) * x.extent(3), x.extent(1));
    }

    /** Tokens as pictures, [B, side·side, C] → [B, C, side, side], channels-last in memory. */
    public static Value picture(Value tokens, long side) {
        return tokens.reshape(-1, side, side, tokens.extent(2)).permute(0, 3, 1, 2);
    }
}
