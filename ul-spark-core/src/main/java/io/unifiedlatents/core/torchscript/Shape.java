package io.unifiedlatents.core.torchscript;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Extents of a tensor. The first extent may be {@link #BATCH}: any number of samples, so that one script serves every
 * batch size.
 */
final class Shape {
    /** An extent that is open until the script is called. */
    static final long BATCH = -1;

    private final long[] extents;

    Shape(long... extents) {
        this.extents = extents.clone();
    }

    int rank() {
        return extents.length;
    }

    long extent(int axis) {
        return extents[axis];
    }

    /** A copy of all extents. */
    long[] extents() {
        return extents.clone();
    }

    boolean hasBatch() {
        return extents.length > 0 && extents[0] == BATCH;
    }

    /** Number of elements, of one sample where the batch is open. */
    long elements() {
        return LongStream.of(extents).filter(extent -> extent != BATCH).reduce(1, (a, b) -> a * b);
    }

    Shape with(int axis, long extent) {
        long[] changed = extents.clone();
        changed[axis] = extent;
        return new Shape(changed);
    }

    Shape without(int axis) {
        return new Shape(IntStream.range(0, rank())
                .filter(i -> i != axis)
                .mapToLong(i -> extents[i])
                .toArray());
    }

    Shape permuted(int... axes) {
        return new Shape(IntStream.of(axes).mapToLong(axis -> extents[axis]).toArray());
    }

    /** Whether a tensor of another shape can be passed where this one is declared. */
    boolean accepts(Shape given) {
        return equals(given) || (hasBatch() && given.rank() == rank() && equals(given.with(0, BATCH)));
    }

    /** The common shape after broadcasting, or null where there is none. */
    static @Nullable Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        long[] result = new long[rank];
        for (int i = 0; i < rank; i++) {
            long x = i < rank - a.rank() ? 1 : a.extents[i - rank + a.rank()];
            long y = i < rank - b.rank() ? 1 : b.extents[i - rank + b.rank()];
            if (x != y && x != 1 && y != 1) {
                return null;
            }
            result[i] = x == 1 ? y : x;
        }
        return new Shape(result);
    }

    /** Whether a tensor of another shape broadcasts to this one. */
    boolean spans(Shape other) {
        Shape common = broadcast(this, other);
        return common != null && common.equals(this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extents);
    }

    /** For messages: {@code [B, 64, 32, 32]}. */
    @Override
    public String toString() {
        return Arrays.toString(extents).replace("-1", "B");
    }
}
