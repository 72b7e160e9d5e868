package io.unifiedlatents.core.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Operations that belong to layers rather than to single values. Grids are [B, C, n...] in channels-last memory, with
 * two spatial axes for pictures (height, width) and three for clips (frames, height, width); tokens are [B, T, C].
 * Where an operation takes numbers for the spatial axes, a single one stands for all of them.
 */
public final class Functions {
    // Up to so many tokens libtorch's CPU kernel for fused attention is slower, forward and backward, than the three
    // plain operations: it multiplies one head at a time, and in bf16 prepares each product anew.
    private static final int CPU_PLAIN_TOKENS = 128;
    private static final int CPU_PLAIN_BF16_TOKENS = 512;

    private Functions() {}

    /**
     * Convolution of a grid, padded with zeros by {@code kernel / 2} on every side.
     *
     * @param x [B, in, n...]
     * @param weight [out, kernel..., in], channels-last as {@link ParameterLayout} stores it
     * @param bias [out]
     * @param stride of each spatial axis
     * @return [B, out, m...] with m = (n + 2⌊kernel/2⌋ − kernel) / stride + 1
     */
    public static Value conv(Scope s, Value x, Value weight, Value bias, int... stride) {
        int[] padding = IntStream.range(1, weight.rank() - 1)
                .map(axis -> (int) weight.extent(axis) / 2)
                .toArray();
        return conv(s, x, weight, bias, stride, padding);
    }

    /** As {@link #conv(Scope, Value, Value, Value, int...)} with another padding of each spatial axis. */
    public static Value conv(Scope s, Value x, Value weight, Value bias, int[] stride, int[] padding) {
        int[] strides = perAxis(s, x, stride);
        int[] paddings = perAxis(s, x, padding);
        int last = weight.rank() - 1;
        long in = weight.extent(last);
        s.require(weight.rank() == x.rank(), x, "a kernel %s has another number of axes", weight.shape());
        s.require(x.extent(1) == in, x, "expected %d input channels, got %d", in, x.extent(1));
        requireDtype(s, x, weight);
        Shape shape = windows(s, x, weight.extent(0), axis -> weight.extent(1 + axis), strides, paddings);
        s.graph().countFlops(2 * shape.elements() * (weight.elements() / weight.extent(0)));
        Argument kernels = Argument.call("torch.permute", weight, Value.moved(weight.rank(), last, 1));
        String function = "torch.conv" + strides.length + "d";
        int[] dilations = perAxis(s, x, 1);
        return s.graph().emit(s.path(), shape, x.dtype(), function, x, kernels, bias, strides, paddings, dilations, 1);
    }

    /** What sliding a window over a grid gives. */
    private static Shape windows(
            Scope s, Value x, long channels, IntToLongFunction kernel, int[] stride, int[] padding) {
        Shape shape = grid(
                x,
                channels,
                i -> Math.floorDiv(x.extent(2 + i) + 2L * padding[i] - kernel.applyAsLong(i), stride[i]) + 1);
        for (int i = 0; i < stride.length; i++) {
            s.require(
                    shape.extent(2 + i) > 0,
                    x,
                    "a kernel of extent %d does not fit on axis %d",
                    kernel.applyAsLong(i),
                    2 + i);
        }
        return shape;
    }

    /** The shape of {@code x} with other channels and spatial extents. */
    private static Shape grid(Value x, long channels, IntToLongFunction extent) {
        LongStream spatial = IntStream.range(0, x.rank() - 2).mapToLong(extent);
        return new Shape(
                LongStream.concat(LongStream.of(x.extent(0), channels), spatial).toArray());
    }

    /** One number for each spatial axis of a grid, from as many or a single one. */
    private static int[] perAxis(Scope s, Value x, int... given) {
        int axes = x.rank() - 2;
        s.require(axes == 2 || axes == 3, x, "expected a grid [B, C, n...] with 2 or 3 spatial axes");
        s.require(given.length == 1 || given.length == axes, x, "got %s for %d axes", Arrays.toString(given), axes);
        return IntStream.range(0, axes).map(i -> given[i % given.length]).toArray();
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
     * Group norm of a grid.
     *
     * @param x [B, C, n...]
     * @param gain [C]
     * @param bias [C]
     */
    public static Value groupNorm(Scope s, Value x, int groups, Value gain, Value bias) {
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
                        Argument.call("ops.prim.is_cuda", query),
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

    /** Repeats each element along the spatial axes: [B, C, n...] → [B, C, factor·n...]. */
    public static Value upsample(Scope s, Value x, int... factor) {
        int[] factors = perAxis(s, x, factor);
        Shape shape = grid(x, x.extent(1), i -> x.extent(2 + i) * factors[i]);
        List<Double> scales = Arrays.stream(factors).asDoubleStream().boxed().toList();
        String function = "torch.upsample_nearest" + factors.length + "d";
        return s.graph().emit(s.path(), shape, x.dtype(), function, x, Argument.NONE, scales);
    }

    /** Averages over blocks of {@code factor} elements along the spatial axes: [B, C, n...] → [B, C, n/factor...]. */
    public static Value downsample(Scope s, Value x, int... factor) {
        int[] factors = perAxis(s, x, factor);
        requireMultiples(s, x, factors);
        Shape shape = grid(x, x.extent(1), i -> x.extent(2 + i) / factors[i]);
        return s.graph().emit(s.path(), shape, x.dtype(), "torch.avg_pool" + factors.length + "d", x, factors);
    }

    private static void requireMultiples(Scope s, Value x, int[] divisors) {
        boolean divides = IntStream.range(0, divisors.length).allMatch(i -> x.extent(2 + i) % divisors[i] == 0);
        s.require(divides, x, "spatial extents must be multiples of %s", Arrays.toString(divisors));
    }

    /** Resizes a picture bilinearly, with antialiasing where it shrinks: [B, C, H, W] → [B, C, height, width]. */
    public static Value resize(Scope s, Value x, long height, long width) {
        s.require(x.rank() == 4, x, "expected a picture [B, C, H, W]");
        Shape shape = x.shape().with(2, height).with(3, width);
        long[] size = {height, width};
        return s.graph()
                .emit(s.path(), shape, x.dtype(), "torch._upsample_bilinear2d_aa", x, size, false, Argument.NONE);
    }

    /** Largest value in each window, with padding: [B, C, n...] → [B, C, m...]. */
    public static Value maxPool(Scope s, Value x, int kernel, int stride, int padding) {
        int[] kernels = perAxis(s, x, kernel);
        int[] strides = perAxis(s, x, stride);
        int[] paddings = perAxis(s, x, padding);
        Shape shape = windows(s, x, x.extent(1), i -> kernel, strides, paddings);
        String function = "torch.max_pool" + kernels.length + "d";
        return s.graph().emit(s.path(), shape, x.dtype(), function, x, kernels, strides, paddings);
    }

    /**
     * Folds patches of p₁ × p₂ × … elements into channels: [B, C, n...] → [B, C·p₁p₂…, n/p...]. Channel (c·p₁ + i)·p₂ +
     * j holds element (i, j) of a picture's patch, and so on.
     */
    public static Value pixelUnshuffle(Scope s, Value x, int... patch) {
        int[] patches = perAxis(s, x, patch);
        requireMultiples(s, x, patches);
        long folded = x.extent(1) * product(patches);
        Shape shape = grid(x, folded, i -> x.extent(2 + i) / patches[i]);
        if (isSquare(patches)) {
            return s.graph().emit(s.path(), shape, x.dtype(), "torch.pixel_unshuffle", x, patches[0]);
        }
        Shape apart = apart(x.shape(), patches);
        return x.reshape(apart.extents()).permute(patchesFirst(patches.length)).reshape(shape.extents());
    }

    /** Unfolds channels into patches, the reverse of {@link #pixelUnshuffle}: [B, C·p₁p₂…, n...] → [B, C, n·p...]. */
    public static Value pixelShuffle(Scope s, Value x, int... patch) {
        int[] patches = perAxis(s, x, patch);
        long cells = product(patches);
        s.require(x.extent(1) % cells == 0, x, "channels must be a multiple of %d", cells);
        Shape shape = grid(x, x.extent(1) / cells, i -> x.extent(2 + i) * patches[i]);
        if (isSquare(patches)) {
            return s.graph().emit(s.path(), shape, x.dtype(), "torch.pixel_shuffle", x, patches[0]);
        }
        int[] order = patchesFirst(patches.length);
        int[] inverse = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            inverse[order[i]] = i;
        }
        Shape folded = apart(shape, patches).permuted(order);
        return x.reshape(folded.extents()).permute(inverse).reshape(shape.extents());
    }

    /** A grid whose spatial axes are taken apart into patches: [B, C, n₁/p₁, p₁, n₂/p₂, p₂, ...]. */
    private static Shape apart(Shape grid, int[] patches) {
        long[] extents = new long[2 + 2 * patches.length];
        extents[0] = grid.extent(0);
        extents[1] = grid.extent(1);
        for (int i = 0; i < patches.length; i++) {
            extents[2 + 2 * i] = grid.extent(2 + i) / patches[i];
            extents[3 + 2 * i] = patches[i];
        }
        return new Shape(extents);
    }

    /**
     * The order of the axes of {@link #apart} with the extents of a patch in front: [B, C, p₁, p₂, ..., n₁/p₁, ...].
     */
    private static int[] patchesFirst(int axes) {
        IntStream patch = IntStream.range(0, axes).map(i -> 3 + 2 * i);
        IntStream grid = IntStream.range(0, axes).map(i -> 2 + 2 * i);
        return IntStream.concat(IntStream.of(0, 1), IntStream.concat(patch, grid))
                .toArray();
    }

    /** Whether libtorch has the operation for such patches itself. */
    private static boolean isSquare(int[] patches) {
        return patches.length == 2 && patches[0] == patches[1];
    }

    private static long product(int[] factors) {
        return Arrays.stream(factors).asLongStream().reduce(1, (a, b) -> a * b);
    }

    /** The same grid laid out in memory position by position, channels innermost. */
    public static Value channelsLast(Scope s, Value x) {
        int format = perAxis(s, x, 1).length; // as libtorch numbers it: 2 of a picture, 3 of a clip
        return s.graph()
                .emit(s.path(), x.shape(), x.dtype(), "torch.contiguous", x, Argument.keyword("memory_format", format));
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
     * Standard normal noise, float32, of the shape of a grid; drawn channels innermost.
     *
     * @param x [B, C, n...]
     * @throws IllegalStateException if the method was not seeded
     */
    public static Value normalLike(Scope s, Value x) {
        int last = x.rank() - 1;
        Shape shape = x.shape().permuted(Value.moved(x.rank(), 1, last)); // [B, n..., C]
        List<Object> extents = new ArrayList<>(List.of(Argument.call("torch.size", x, 0)));
        for (int axis = 1; axis <= last; axis++) {
            extents.add(shape.extent(axis));
        }
        return s.graph()
                .create(s.path(), shape, x, "torch.randn", extents, s.graph().random())
                .moveAxis(last, 1);
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
