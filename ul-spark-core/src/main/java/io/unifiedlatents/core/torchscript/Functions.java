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
 * Where an operation takes a number for each spatial axis, a single number stands for all of them.
 */
public final class Functions {
    // For at most so many tokens libtorch's CPU kernel for fused attention is slower, forward and backward, than the
    // three plain operations: it multiplies one head at a time, and in bf16 prepares each product anew.
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
        int[] strides = perAxis(s, x, stride);
        int last = weight.rank() - 1;
        s.require(weight.rank() == x.rank(), x, "a kernel %s has another number of axes", weight.shape());
        requireChannels(s, x, 1, weight, last);
        int[] padding = IntStream.range(1, last)
                .map(axis -> (int) weight.extent(axis) / 2)
                .toArray();
        Shape shape = grid(x, weight.extent(0), i -> {
            long kernel = weight.extent(1 + i);
            long positions = Math.floorDiv(x.extent(2 + i) + 2L * padding[i] - kernel, strides[i]) + 1;
            s.require(positions > 0, x, "a kernel of extent %d does not fit on axis %d", kernel, 2 + i);
            return positions;
        });
        s.graph().countFlops(2 * shape.elements() * (weight.elements() / weight.extent(0)));
        Argument kernels = Argument.call("torch.permute", weight, Value.moved(weight.rank(), last, 1));
        int[] dilations = perAxis(s, x, 1);
        String function = "torch.conv" + strides.length + "d";
        return s.emit(x, shape, function, x, kernels, bias, strides, padding, dilations, 1);
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

    private static void requireChannels(Scope s, Value x, int axis, Value parameter, int parameterAxis) {
        long channels = parameter.extent(parameterAxis);
        s.require(x.extent(axis) == channels, x, "expected %d input channels, got %d", channels, x.extent(axis));
        s.require(x.dtype() == parameter.dtype(), x, "expected %s, got %s", parameter.dtype(), x.dtype());
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
        int last = x.rank() - 1;
        requireChannels(s, x, last, weight, 1);
        Shape shape = x.shape().with(last, weight.extent(0));
        s.graph().countFlops(2 * shape.elements() * weight.extent(1));
        return s.emit(x, shape, "torch.linear", x, weight, bias);
    }

    /** Layer norm over the last axis of [..., C] with gain [C] and bias [C]; statistics are in float32. */
    public static Value layerNorm(Scope s, Value x, Value gain, Value bias) {
        requireChannels(s, x, x.rank() - 1, gain, 0);
        return s.emit(x, x.shape(), "torch.layer_norm", x, gain.shape().extents(), gain, bias, 1e-5, false);
    }

    /**
     * Root-mean-square norm over the last axis of [..., C] with gain [C], computed in float32: x / √(mean(x²) + 1e-6) ·
     * gain.
     */
    public static Value rmsNorm(Scope s, Value x, Value gain) {
        int last = x.rank() - 1;
        requireChannels(s, x, last, gain, 0);
        Value wide = x.to(DType.FLOAT32);
        Value inverse = wide.square().mean(last).add(1e-6).rsqrt();
        return wide.mul(inverse).to(x.dtype()).mul(gain);
    }

    /** Group norm of a grid [B, C, n...] with gain [C] and bias [C]. */
    public static Value groupNorm(Scope s, Value x, int groups, Value gain, Value bias) {
        requireChannels(s, x, 1, gain, 0);
        s.require(x.extent(1) % groups == 0, x, "%d channels do not form %d groups", x.extent(1), groups);
        return s.emit(x, x.shape(), "torch.group_norm", x, groups, gain, bias, 1e-5, true);
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
        boolean fits = key.shape().equals(value.shape())
                && key.shape().with(2, query.extent(2)).equals(query.shape());
        s.require(fits, query, "keys are %s and values %s", key.shape(), value.shape());
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
        return s.emit(query, query.shape(), "torch.scaled_dot_product_attention", query, key, value);
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
        return s.emit(x, shape, "torch.upsample_nearest" + factors.length + "d", x, Argument.none(), scales);
    }

    /** Averages over blocks of {@code factor} elements along the spatial axes: [B, C, n...] → [B, C, n/factor...]. */
    public static Value downsample(Scope s, Value x, int... factor) {
        int[] factors = perAxis(s, x, factor);
        return s.emit(x, divided(s, x, x.extent(1), factors), "torch.avg_pool" + factors.length + "d", x, factors);
    }

    /** The shape of {@code x} with other channels and its spatial extents divided. */
    private static Shape divided(Scope s, Value x, long channels, int[] divisors) {
        boolean divides = IntStream.range(0, divisors.length).allMatch(i -> x.extent(2 + i) % divisors[i] == 0);
        s.require(divides, x, "spatial extents must be multiples of %s", Arrays.toString(divisors));
        return grid(x, channels, i -> x.extent(2 + i) / divisors[i]);
    }

    /**
     * Folds patches of p₁ × p₂ × … elements into channels: [B, C, n...] → [B, C·p₁p₂…, n/p...]. Channel (c·p₁ + i)·p₂ +
     * j holds element (i, j) of a picture's patch, and so on.
     */
    public static Value pixelUnshuffle(Scope s, Value x, int... patch) {
        int[] patches = perAxis(s, x, patch);
        Shape shape = divided(s, x, x.extent(1) * product(patches), patches);
        if (isSquare(patches)) {
            return s.emit(x, shape, "torch.pixel_unshuffle", x, patches[0]);
        }
        int axes = patches.length;
        LongStream apart =
                IntStream.range(0, axes).boxed().flatMapToLong(i -> LongStream.of(shape.extent(2 + i), patches[i]));
        IntStream patchesFirst = IntStream.range(0, 2 * axes).map(i -> i < axes ? 3 + 2 * i : 2 + 2 * (i - axes));
        return x.reshape(behind(x.extent(0), x.extent(1), apart)) // [B, C, n₁/p₁, p₁, n₂/p₂, p₂, ...]
                .permute(IntStream.concat(IntStream.of(0, 1), patchesFirst).toArray())
                .reshape(shape.extents());
    }

    /** Unfolds channels into patches, the reverse of {@link #pixelUnshuffle}: [B, C·p₁p₂…, n...] → [B, C, n·p...]. */
    public static Value pixelShuffle(Scope s, Value x, int... patch) {
        int[] patches = perAxis(s, x, patch);
        long cells = product(patches);
        s.require(x.extent(1) % cells == 0, x, "channels must be a multiple of %d", cells);
        Shape shape = grid(x, x.extent(1) / cells, i -> x.extent(2 + i) * patches[i]);
        if (isSquare(patches)) {
            return s.emit(x, shape, "torch.pixel_shuffle", x, patches[0]);
        }
        int axes = patches.length;
        LongStream apart = LongStream.concat(Arrays.stream(patches).asLongStream(), LongStream.of(x.spatial()));
        IntStream pairs = IntStream.range(0, 2 * axes).map(i -> 2 + i / 2 + (i % 2 == 0 ? axes : 0));
        return x.reshape(behind(x.extent(0), x.extent(1) / cells, apart)) // [B, C, p₁, p₂, ..., n₁, n₂, ...]
                .permute(IntStream.concat(IntStream.of(0, 1), pairs).toArray())
                .reshape(shape.extents());
    }

    private static long[] behind(long batch, long channels, LongStream rest) {
        return LongStream.concat(LongStream.of(batch, channels), rest).toArray();
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
        return s.emit(x, x.shape(), "torch.contiguous", x, Argument.keyword("memory_format", format));
    }

    /** Joins values along an axis; all other extents agree. */
    public static Value concat(Scope s, int axis, Value... values) {
        Value first = values[0];
        long extent = 0;
        for (Value value : values) {
            boolean fits = value.shape().with(axis, 1).equals(first.shape().with(axis, 1));
            s.require(fits && value.dtype() == first.dtype(), value, "cannot join with %s along axis %d", first, axis);
            extent += value.extent(axis);
        }
        return s.emit(first, first.shape().with(axis, extent), "torch.cat", List.of(values), axis);
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
        LongStream extents = LongStream.of(indices.shape().extents());
        Shape shape = new Shape(
                LongStream.concat(extents, LongStream.of(table.extent(1))).toArray());
        return s.emit(table, shape, "torch.embedding", table, indices);
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
     * Seeds the random numbers of this call; {@link #normalLike} and {@link #dropout} draw from them in the order in
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
        LongStream.of(shape.extents()).skip(1).forEach(extents::add);
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
        Object[] arguments = {x.detach(), 1 - probability, s.graph().random()};
        Value kept = s.graph().emit(Node.Kind.CONSTANT, s.path(), x.shape(), x.dtype(), "torch.bernoulli", arguments);
        return x.mul(kept).mul(1 / (1 - probability));
    }
}
