package io.unifiedlatents.core.torchscript;

import java.util.List;

/**
 * Operations that belong to layers rather than to single values. Pictures are [B, C, H, W] in channels-last memory,
 * tokens are [B, T, C].
 */
public final class Functions {
    // Up to so many tokens libtorch's CPU kernel for fused attention is slower, forward and backward, than the three
    // plain operations: it multiplies one head at a time, and in bf16 prepares each product anew.
    private static final int CPU_PLAIN_TOKENS = 128;
    private static final int CPU_PLAIN_BF16_TOKENS = 512;

    private Functions() {}

    /**
     * Two-dimensional convolution, padded with zeros by {@code kernel / 2} on every side.
     *
     * @param x [B, in, H, W]
     * @param weight [out, kernel, kernel, in], channels-last as {@link ParameterLayout} stores it
     * @param bias [out]
     * @return [B, out, H', W'] with H' = (H + 2⌊kernel/2⌋ − kernel) / stride + 1
     */
    public static Value conv2d(Scope s, Value x, Value weight, Value bias, int stride) {
        return conv2d(s, x, weight, bias, stride, (int) weight.extent(1) / 2);
    }

    /** As {@link #conv2d(Scope, Value, Value, Value, int)} with another padding. */
    public static Value conv2d(Scope s, Value x, Value weight, Value bias, int stride, int padding) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        long in = weight.extent(3);
        s.require(x.extent(1) == in, x, "expected %d input channels, got %d", in, x.extent(1));
        requireDtype(s, x, weight);
        long kernel = weight.extent(1);
        long height = (x.extent(2) + 2L * padding - kernel) / stride + 1;
        long width = (x.extent(3) + 2L * padding - weight.extent(2)) / stride + 1;
        s.require(height > 0 && width > 0, x, "a %d×%d kernel does not fit", kernel, weight.extent(2));
        Shape shape = new Shape(x.extent(0), weight.extent(0), height, width);
        s.graph().countFlops(2 * shape.elements() * in * kernel * weight.extent(2));
        int[] strides = {stride, stride};
        int[] paddings = {padding, padding};
        int[] dilations = {1, 1};
        Argument kernels = Argument.expression("torch.permute", weight, new int[] {0, 3, 1, 2});
        return s.graph()
                .emit(s.path(), shape, x.dtype(), "torch.conv2d", x, kernels, bias, strides, paddings, dilations, 1);
    }

    /**
     * Affine map of the last axis, x Wᵀ + b.
     *
     * @param x [..., in]
     * @param weight [out, in]
     * @param bias [out]
     * @return [..., out]
     */
    public static Value linear(Scope s, Value x, Value weight, Value bias) {
        long in = weight.extent(1);
        s.require(x.extent(x.rank() - 1) == in, x, "expected %d input channels, got %d", in, x.extent(x.rank() - 1));
        requireDtype(s, x, weight);
        Shape shape = x.shape().with(x.rank() - 1, weight.extent(0));
        s.graph().countFlops(2 * shape.elements() * in);
        return s.graph().emit(s.path(), shape, x.dtype(), "torch.linear", x, weight, bias);
    }

    /**
     * Layer norm over the last axis, with statistics in float32.
     *
     * @param x [..., C]
     * @param gain [C]
     * @param bias [C]
     */
    public static Value layerNorm(Scope s, Value x, Value gain, Value bias) {
        long channels = x.extent(x.rank() - 1);
        s.require(gain.extent(0) == channels, x, "expected %d channels, got %d", gain.extent(0), channels);
        requireDtype(s, x, gain);
        long[] normalized = {channels};
        return s.graph()
                .emit(s.path(), x.shape(), x.dtype(), "torch.layer_norm", x, normalized, gain, bias, 1e-5, false);
    }

    /**
     * Root-mean-square norm over the last axis, computed in float32: x / √(mean(x²) + 1e-6) · gain.
     *
     * @param x [..., C]
     * @param gain [C]
     */
    public static Value rmsNorm(Scope s, Value x, Value gain) {
        int last = x.rank() - 1;
        s.require(gain.extent(0) == x.extent(last), x, "expected %d channels, got %d", gain.extent(0), x.extent(last));
        Value wide = x.to(DType.FLOAT32);
        Value inverse = wide.square().mean(last).add(1e-6).rsqrt();
        return wide.mul(inverse).to(x.dtype()).mul(gain);
    }

    /**
     * Group norm of a picture.
     *
     * @param x [B, C, H, W]
     * @param gain [C]
     * @param bias [C]
     */
    public static Value groupNorm(Scope s, Value x, int groups, Value gain, Value bias) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        s.require(x.extent(1) == gain.extent(0), x, "expected %d channels, got %d", gain.extent(0), x.extent(1));
        s.require(x.extent(1) % groups == 0, x, "%d channels do not form %d groups", x.extent(1), groups);
        requireDtype(s, x, gain);
        return s.graph().emit(s.path(), x.shape(), x.dtype(), "torch.group_norm", x, groups, gain, bias, 1e-5, true);
    }

    /**
     * Scaled dot-product attention, softmax(QKᵀ/√d) V.
     *
     * @param query [B, heads, T, d]
     * @param key [B, heads, S, d]
     * @param value [B, heads, S, d]
     * @return [B, heads, T, d]
     */
    public static Value attention(Scope s, Value query, Value key, Value value) {
        s.require(query.rank() == 4, query, "expected queries [B, heads, T, d]");
        s.require(
                key.shape().equals(value.shape())
                        && key.shape().with(2, query.extent(2)).equals(query.shape()),
                query,
                "keys are %s and values %s",
                key.shape(),
                value.shape());
        if (key.extent(2) > (query.dtype() == DType.BFLOAT16 ? CPU_PLAIN_BF16_TOKENS : CPU_PLAIN_TOKENS)) {
            return fusedAttention(s, query, key, value);
        }
        return s.graph()
                .ifElse(
                        Argument.expression("ops.prim.is_cuda", query),
                        () -> fusedAttention(s, query, key, value),
                        () -> plainAttention(query, key, value));
    }

    private static Value fusedAttention(Scope s, Value query, Value key, Value value) {
        s.graph().countFlops(4 * query.elements() * key.extent(2));
        return s.graph()
                .emit(s.path(), query.shape(), query.dtype(), "torch.scaled_dot_product_attention", query, key, value);
    }

    private static Value plainAttention(Value query, Value key, Value value) {
        Value scaled = query.mul(1 / Math.sqrt((double) query.extent(3)));
        return scaled.matmul(key.permute(0, 1, 3, 2)).softmax().matmul(value); // [B, heads, T, d]
    }

    /** Doubles height and width by repeating pixels: [B, C, H, W] → [B, C, 2H, 2W]. */
    public static Value upsample2(Scope s, Value x) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        Shape shape = x.shape().with(2, 2 * x.extent(2)).with(3, 2 * x.extent(3));
        return s.graph()
                .emit(s.path(), shape, x.dtype(), "torch.upsample_nearest2d", x, Argument.none(), List.of(2.0, 2.0));
    }

    /** Halves height and width by averaging 2×2 pixels: [B, C, H, W] → [B, C, H/2, W/2]. */
    public static Value downsample2(Scope s, Value x) {
        s.require(x.rank() == 4 && x.extent(2) % 2 == 0 && x.extent(3) % 2 == 0, x, "expected even height and width");
        Shape shape = x.shape().with(2, x.extent(2) / 2).with(3, x.extent(3) / 2);
        return s.graph().emit(s.path(), shape, x.dtype(), "torch.avg_pool2d", x, new int[] {2, 2});
    }

    /** Resizes a picture bilinearly, with antialiasing where it shrinks: [B, C, H, W] → [B, C, height, width]. */
    public static Value resize(Scope s, Value x, long height, long width) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        Shape shape = x.shape().with(2, height).with(3, width);
        long[] size = {height, width};
        return s.graph()
                .emit(s.path(), shape, x.dtype(), "torch._upsample_bilinear2d_aa", x, size, false, Argument.none());
    }

    /** Largest value in each window, with padding: [B, C, H, W] → [B, C, H', W']. */
    public static Value maxPool(Scope s, Value x, int kernel, int stride, int padding) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        long height = (x.extent(2) + 2L * padding - kernel) / stride + 1;
        long width = (x.extent(3) + 2L * padding - kernel) / stride + 1;
        return s.graph()
                .emit(
                        s.path(),
                        x.shape().with(2, height).with(3, width),
                        x.dtype(),
                        "torch.max_pool2d",
                        x,
                        new int[] {kernel, kernel},
                        new int[] {stride, stride},
                        new int[] {padding, padding});
    }

    /**
     * Folds p×p pixels into channels: [B, C, H, W] → [B, C·p², H/p, W/p]; channel c·p² + i·p + j holds pixel (i, j).
     */
    public static Value pixelUnshuffle(Scope s, Value x, int patch) {
        s.require(
                x.rank() == 4 && x.extent(2) % patch == 0 && x.extent(3) % patch == 0,
                x,
                "height and width must be multiples of the patch size %d",
                patch);
        Shape shape = new Shape(x.extent(0), x.extent(1) * patch * patch, x.extent(2) / patch, x.extent(3) / patch);
        return s.graph().emit(s.path(), shape, x.dtype(), "torch.pixel_unshuffle", x, patch);
    }

    /** Unfolds channels into p×p pixels: [B, C·p², H, W] → [B, C, H·p, W·p]. */
    public static Value pixelShuffle(Scope s, Value x, int patch) {
        s.require(
                x.rank() == 4 && x.extent(1) % ((long) patch * patch) == 0,
                x,
                "channels must be a multiple of %d",
                patch * patch);
        Shape shape = new Shape(x.extent(0), x.extent(1) / patch / patch, x.extent(2) * patch, x.extent(3) * patch);
        return s.graph().emit(s.path(), shape, x.dtype(), "torch.pixel_shuffle", x, patch);
    }

    /** The same picture laid out in memory pixel by pixel, channels innermost. */
    public static Value channelsLast(Scope s, Value x) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        return s.graph()
                .emit(s.path(), x.shape(), x.dtype(), "torch.contiguous", x, Argument.keyword("memory_format", 2));
    }

    /** Joins values along an axis; all other extents agree. */
    public static Value concat(Scope s, int axis, Value... values) {
        long extent = 0;
        for (Value value : values) {
            s.require(
                    value.shape().with(axis, 1).equals(values[0].shape().with(axis, 1)),
                    value,
                    "cannot join with %s along axis %d",
                    values[0].shape(),
                    axis);
            requireDtype(s, value, values[0]);
            extent += value.extent(axis);
        }
        Shape shape = values[0].shape().with(axis, extent);
        return s.graph().emit(s.path(), shape, values[0].dtype(), "torch.cat", List.of(values), axis);
    }

    /**
     * Rows of a table.
     *
     * @param table [N, C]
     * @param indices int64 [...]
     * @return [..., C]
     */
    public static Value embedding(Scope s, Value table, Value indices) {
        s.require(indices.dtype() == DType.INT64, indices, "expected int64 indices, got %s", indices.dtype());
        long[] extents = new long[indices.rank() + 1];
        for (int axis = 0; axis < indices.rank(); axis++) {
            extents[axis] = indices.extent(axis);
        }
        extents[indices.rank()] = table.extent(1);
        return s.graph().emit(s.path(), new Shape(extents), table.dtype(), "torch.embedding", table, indices);
    }

    /**
     * Fourier features of one number a sample: cosines and sines at {@code count} frequencies spaced geometrically.
     *
     * @param x float32 [B]
     * @param low lowest angular frequency
     * @param high highest angular frequency
     * @return float32 [B, 2·count]
     */
    public static Value fourierFeatures(Scope s, Value x, int count, double low, double high) {
        s.require(x.rank() == 1 && x.dtype() == DType.FLOAT32, x, "expected one float32 number a sample");
        Value steps = s.graph().create(s.path(), new Shape(count), x, "torch.arange", count);
        Value frequencies = steps.reshape(1, count)
                .mul(Math.log(high / low) / (count - 1))
                .exp()
                .mul(low);
        Value angles = x.reshape(Shape.BATCH, 1).mul(frequencies); // [B, count]
        return concat(s, 1, angles.cos(), angles.sin());
    }

    /**
     * Starts the random numbers of this call; {@link #normalLike} and {@link #dropout} draw from them in the order in
     * which they are written. Two calls with the same seed draw the same numbers on the same kind of device.
     *
     * @param seeds int64 vector; its first element is the seed
     */
    public static void seed(Scope s, Value seeds) {
        s.require(seeds.dtype() == DType.INT64 && seeds.rank() == 1, seeds, "expected a vector of int64 seeds");
        s.graph().startRandom(seeds);
    }

    /**
     * Standard normal noise, float32, of the shape of a picture.
     *
     * @param x [B, C, H, W]
     * @throws IllegalStateException if the method was not seeded
     */
    public static Value normalLike(Scope s, Value x) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        Shape shape = x.shape().permuted(0, 2, 3, 1);
        List<Object> extents = List.of(Argument.expression("torch.size", x, 0), x.extent(2), x.extent(3), x.extent(1));
        return s.graph()
                .create(s.path(), shape, x, "torch.randn", extents, s.graph().random())
                .permute(0, 3, 1, 2);
    }

    /**
     * Zeroes each element with the given probability and scales the others up to keep the mean; the same value where
     * the probability is 0 or the method has no seed (evaluation).
     */
    public static Value dropout(Scope s, Value x, double probability) {
        s.require(probability >= 0 && probability < 1, x, "dropout=%s must be in [0, 1)", probability);
        if (probability == 0 || !s.graph().isRandom()) {
            return x;
        }
        Argument generator = s.graph().random();
        Value kept = s.graph()
                .emit(
                        Node.Kind.CONSTANT,
                        s.path(),
                        x.shape(),
                        x.dtype(),
                        "torch.bernoulli",
                        x.detach(),
                        1 - probability,
                        generator);
        return x.mul(kept).mul(1 / (1 - probability));
    }

    private static void requireDtype(Scope s, Value x, Value other) {
        s.require(x.dtype() == other.dtype(), x, "expected %s, got %s", other.dtype(), x.dtype());
    }
}
