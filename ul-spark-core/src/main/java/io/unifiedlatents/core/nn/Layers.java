package io.unifiedlatents.core.nn;

import io.unifiedlatents.core.config.NormKind;
import io.unifiedlatents.core.torchscript.DType;
import io.unifiedlatents.core.torchscript.Functions;
import io.unifiedlatents.core.torchscript.Initializer;
import io.unifiedlatents.core.torchscript.Scope;
import io.unifiedlatents.core.torchscript.Value;
import java.util.Arrays;

/** Layers, one method each, which take their parameters from their scope, and conversions between their inputs. */
public final class Layers {
    private static final int MAX_GROUPS = 32;
    private static final int FREQUENCIES = 32;
    private static final double POSITION_STD = 0.02;
    private static final double HALF_RANGE = 127.5; // of a byte

    private Layers() {}

    /**
     * Convolution with zero padding that keeps the grid, [B, in, n...] → [B, out, n...]. The kernel is the same along
     * all spatial axes.
     */
    public static Value conv(Scope s, Value x, long out, int kernel) {
        long inputs = x.extent(1) * (long) Math.pow(kernel, x.rank() - 2);
        return conv(s, x, out, kernel, Initializer.fanIn(inputs));
    }

    /** As {@link #conv(Scope, Value, long, int)} with chosen start weights. */
    public static Value conv(Scope s, Value x, long out, int kernel, Initializer start) {
        long[] extents = new long[x.rank()];
        Arrays.fill(extents, kernel);
        extents[0] = out;
        extents[x.rank() - 1] = x.extent(1);
        Value weight = s.parameter("weight", start, extents);
        return Functions.conv(s, x, weight, bias(s, out), 1);
    }

    private static Value bias(Scope s, long channels) {
        return s.parameter("bias", Initializer.ZEROS, channels);
    }

    private static Value gain(Scope s, long channels) {
        return s.parameter("gain", Initializer.ONES, channels);
    }

    /** Affine map of the last axis to {@code out} channels. */
    public static Value linear(Scope s, Value x, long out) {
        return linear(s, x, out, Initializer.fanIn(x.extent(x.rank() - 1)));
    }

    /** As {@link #linear(Scope, Value, long)} with chosen start weights. */
    public static Value linear(Scope s, Value x, long out, Initializer start) {
        Value weight = s.parameter("weight", start, out, x.extent(x.rank() - 1));
        return Functions.linear(s, x, weight, bias(s, out));
    }

    /** Layer norm over the last axis with learned gain and bias. */
    public static Value layerNorm(Scope s, Value x) {
        long channels = x.extent(x.rank() - 1);
        return Functions.layerNorm(s, x, gain(s, channels), bias(s, channels));
    }

    /** Normalization of a grid [B, C, n...] with learned gain (and bias, where the kind has one). */
    public static Value norm(Scope s, Value x, NormKind kind) {
        long channels = x.extent(1);
        if (kind == NormKind.GROUP) {
            int groups = MAX_GROUPS;
            while (channels % groups != 0) {
                groups--;
            }
            return Functions.groupNorm(s, x, groups, gain(s, channels), bias(s, channels));
        }
        int last = x.rank() - 1;
        Value channelsInnermost = x.moveAxis(1, last); // [B, n..., C]: a view of channels-last memory
        Value normal = kind == NormKind.LAYER
                ? layerNorm(s, channelsInnermost)
                : Functions.rmsNorm(s, channelsInnermost, gain(s, channels));
        return normal.moveAxis(last, 1);
    }

    /** A factor for height and width, 1 for frames: as many numbers as a grid [B, C, n...] has spatial axes. */
    public static int[] withinFrames(Value x, int factor) {
        int[] factors = new int[x.rank() - 2];
        Arrays.fill(factors, factor);
        if (factors.length > 2) {
            factors[0] = 1;
        }
        return factors;
    }

    /** The features of each sample's noise level, [B] float32 → [B, width]. */
    public static Value logSnrEmbedding(Scope s, Value logSnr, int width) {
        // λ runs over about [−20, 20]: wavelengths from 60 down to 0.6 nats
        Value features = Functions.fourierFeatures(s, logSnr, FREQUENCIES, 0.1, 10);
        Value hidden =
                linear(s.at("in"), features.to(s.graph().compute()), width).silu();
        return linear(s.at("out"), hidden, width).silu();
    }

    /** Tokens with a learned vector of their position added, [B, T, C] → [B, T, C]. */
    public static Value positioned(Scope s, Value tokens) {
        Initializer start = new Initializer(0, POSITION_STD);
        return tokens.add(s.parameter("position", start, 1, tokens.extent(1), tokens.extent(2)));
    }

    /** Pixels as networks see them, from stored bytes: uint8 [B, n..., C] → float32 [B, C, n...] in [−1, 1]. */
    public static Value pixels(Value bytes) {
        Value channelsFirst = bytes.moveAxis(bytes.rank() - 1, 1); // a view: memory stays channels-last
        return channelsFirst.to(DType.FLOAT32).mul(1 / HALF_RANGE).add(-1);
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
