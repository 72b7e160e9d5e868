package io.unifiedlatents.core.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A tensor that exists only in the method being built: a shape and a dtype. Every operation checks them at once, adds a
 * node to the method's graph, and returns a new value; none changes its operands.
 *
 * <p>Elementwise operations broadcast like NumPy and want equal dtypes: casts are written out with {@link #to}.
 */
public final class Value implements Argument.Symbol {
    private final Graph graph;
    private final String path;
    private final Shape shape;
    private final DType dtype;

    Value(Graph graph, String path, Shape shape, DType dtype) {
        this.graph = graph;
        this.path = path;
        this.shape = shape;
        this.dtype = dtype;
    }

    Graph graph() {
        return graph;
    }

    @Override
    public String path() {
        return path;
    }

    Shape shape() {
        return shape;
    }

    /** Element type. */
    public DType dtype() {
        return dtype;
    }

    /** Number of axes, the batch axis included. */
    public int rank() {
        return shape.rank();
    }

    /** Extent along an axis; -1 for the batch. */
    public long extent(int axis) {
        return shape.extent(axis);
    }

    /** The extents of a grid [B, C, n...] along its spatial axes. */
    public long[] spatial() {
        require(rank() > 2, "expected a grid [B, C, n...]");
        return Arrays.copyOfRange(shape.extents(), 2, rank());
    }

    /** Another variable of the same path, shape and dtype. */
    Value another() {
        return new Value(graph, path, shape, dtype);
    }

    boolean isLike(Value other) {
        return shape.equals(other.shape) && dtype == other.dtype;
    }

    /** Number of elements of one sample where the batch is open, else of the whole. */
    public long elements() {
        return shape.elements();
    }

    // ---- elementwise -------------------------------------------------------------------------------------------

    /** Sum. */
    public Value add(Value other) {
        return elementwise("add", other);
    }

    /** Sum with a constant. */
    public Value add(double scalar) {
        return map("add", scalar);
    }

    /** Difference. */
    public Value sub(Value other) {
        return elementwise("sub", other);
    }

    /** Product. */
    public Value mul(Value other) {
        return elementwise("mul", other);
    }

    /** Product with a constant. */
    public Value mul(double scalar) {
        return map("mul", scalar);
    }

    /** Quotient. */
    public Value div(Value other) {
        return elementwise("div", other);
    }

    /** Square. */
    public Value square() {
        return map("square");
    }

    /** Reciprocal of the square root. */
    public Value rsqrt() {
        return map("rsqrt");
    }

    /** Square root. */
    public Value sqrt() {
        return map("sqrt");
    }

    /** Natural exponential. */
    public Value exp() {
        return map("exp");
    }

    /** Sine of radians. */
    public Value sin() {
        return map("sin");
    }

    /** Cosine of radians. */
    public Value cos() {
        return map("cos");
    }

    /** Logistic function. */
    public Value sigmoid() {
        return map("sigmoid");
    }

    /** x · sigmoid(x). */
    public Value silu() {
        return map("silu");
    }

    /** max(x, 0). */
    public Value relu() {
        return map("relu");
    }

    /** Gaussian error linear unit, exact form. */
    public Value gelu() {
        return map("gelu");
    }

    /** Values outside [low, high] moved to the nearer bound. */
    public Value clamp(double low, double high) {
        return map("clamp", low, high);
    }

    /** Cast; differentiable between floating types. The same value where nothing changes. */
    public Value to(DType target) {
        return target == dtype ? this : graph.emit(path, shape, target, "torch.to", this, target);
    }

    /** The same numbers, through which no gradient flows. */
    public Value detach() {
        return emit(Node.Kind.DETACHED, shape, "detach");
    }

    /**
     * Matrix product over the last two axes; axes in front agree.
     *
     * @param other [..., k, m], where this is [..., n, k]
     * @return [..., n, m]
     */
    public Value matmul(Value other) {
        int last = rank() - 1;
        Shape transposed = shape.with(last, shape.extent(last - 1)).with(last - 1, shape.extent(last));
        boolean fits = dtype == other.dtype
                && other.rank() == rank()
                && other.shape.with(last, extent(last - 1)).equals(transposed);
        require(fits, "cannot multiply with %s", other);
        Shape product = shape.with(last, other.extent(last));
        graph.countFlops(2 * product.elements() * extent(last));
        return graph.emit(path, product, dtype, "torch.matmul", this, other);
    }

    /** Softmax along the last axis. */
    public Value softmax() {
        return map("softmax", -1);
    }

    /**
     * Eigenvalues [n], ascending, and orthonormal eigenvectors [n, n], one a column, of this symmetric matrix [n, n],
     * whose upper triangle is not read.
     */
    public List<Value> eigh() {
        List<Shape> shapes = List.of(shape.without(1), shape);
        return graph.emitSeveral(Node.Kind.COMPUTED, path, shapes, dtype, "torch.linalg_eigh", this, "L");
    }

    /** Singular values of a square matrix, [n, n] → [n], descending. */
    public Value singularValues() {
        return emit(Node.Kind.COMPUTED, shape.without(1), "linalg_svdvals");
    }

    // ---- comparisons ------------------------------------------------------------------------------------------

    /** Whether each element differs from a number. */
    public Value ne(double number) {
        return graph.emit(Node.Kind.CONSTANT, path, shape, DType.BOOL, "torch.ne", this, number);
    }

    /** Whether each element is greater than that of another value, which broadcasts to this shape. */
    public Value gt(Value other) {
        require(shape.spans(other.shape), "cannot compare with %s", other);
        return graph.emit(Node.Kind.CONSTANT, path, shape, DType.BOOL, "torch.gt", this, other);
    }

    /** Elements of one value where this is true, of another elsewhere; all of one shape. */
    public Value where(Value yes, Value no) {
        boolean fits = dtype == DType.BOOL && shape.equals(yes.shape) && yes.isLike(no);
        require(fits, "cannot choose between %s and %s", yes, no);
        return graph.emit(path, shape, yes.dtype, "torch.where", this, yes, no);
    }

    /** A value of this shape and dtype whose elements are all one number. */
    public Value filledWith(double number) {
        Number filling = number;
        if (!dtype.isFloating()) {
            filling = (long) number;
        }
        return graph.emit(Node.Kind.CONSTANT, path, shape, dtype, "torch.full_like", this, filling);
    }

    // ---- reductions --------------------------------------------------------------------------------------------

    /** Sum over all axes but the first: one number a sample, shape [B]. */
    public Value sumPerSample() {
        require(rank() > 1, "sumPerSample needs more than the batch axis");
        int[] axes = IntStream.range(1, rank()).toArray();
        return graph.emit(path, new Shape(extent(0)), dtype, "torch.sum", this, axes, false);
    }

    /** Sum of all elements, shape []. */
    public Value sum() {
        return graph.emit(path, new Shape(), dtype, "torch.sum", this);
    }

    /** Mean along some axes, which stay with extent 1. */
    public Value mean(int... axes) {
        Shape reduced = shape;
        for (int axis : axes) {
            require(axis >= 0 && axis < rank(), "no axis %d to average over", axis);
            reduced = reduced.with(axis, 1);
        }
        return graph.emit(path, reduced, dtype, "torch.mean", this, axes, true);
    }

    /** Largest element along an axis, which stays with extent 1. */
    public Value max(int axis) {
        require(axis >= 0 && axis < rank(), "no axis %d to take the maximum over", axis);
        return graph.emit(path, shape.with(axis, 1), dtype, "torch.amax", this, new int[] {axis}, true);
    }

    // ---- shape -------------------------------------------------------------------------------------------------

    /** The same elements under another shape; the first extent may be -1 (the batch). */
    public Value reshape(long... extents) {
        Shape target = new Shape(extents);
        boolean fits = target.elements() == shape.elements() && target.hasBatch() == shape.hasBatch();
        require(fits, "cannot reshape to %s", target);
        return graph.emit(path, target, dtype, "torch.reshape", this, extents);
    }

    /** Axes in another order; a view. */
    public Value permute(int... axes) {
        boolean fits = Arrays.equals(
                IntStream.of(axes).sorted().toArray(),
                IntStream.range(0, rank()).toArray());
        require(fits, "permute takes each axis once, got %s", Arrays.toString(axes));
        return view(shape.permuted(axes), "permute", axes);
    }

    /** The axis {@code from} as axis {@code to}, the others in their order; a view. */
    public Value moveAxis(int from, int to) {
        return permute(moved(rank(), from, to));
    }

    /** The order of axes after one of them has moved. */
    static int[] moved(int rank, int from, int to) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        order.add(to, order.remove(from));
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Elements [begin, end) along an axis; a view. */
    public Value slice(int axis, long begin, long end) {
        boolean fits = axis >= 0 && axis < rank() && 0 <= begin && begin <= end && end <= extent(axis);
        require(fits, "cannot take [%d, %d) along axis %d", begin, end, axis);
        return view(shape.with(axis, end - begin), "slice", axis, begin, end, 1);
    }

    /** Element {@code index} along an axis, which disappears; a view. */
    public Value select(int axis, long index) {
        boolean fits =
                axis >= 0 && axis < rank() && 0 <= index && (index < extent(axis) || extent(axis) == Shape.BATCH);
        require(fits, "cannot select %d along axis %d", index, axis);
        return view(shape.without(axis), "select", axis, index);
    }

    /** The element along an axis whose number is the index of a loop; a view without that axis. */
    public Value select(int axis, Handle index) {
        require(axis >= 0 && axis < rank(), "cannot select along axis %d", axis);
        return view(shape.without(axis), "select", axis, index);
    }

    /** One number a sample, [B], in a shape that broadcasts over grids of this rank: [B, 1, ...]. */
    public Value perSample(int rank) {
        require(rank() == 1, "expected one number a sample");
        long[] extents = new long[rank];
        Arrays.fill(extents, 1);
        extents[0] = extent(0);
        return reshape(extents);
    }

    /** One number, shape [], for each sample of another value: float32 [B]. */
    public Value forEachSample(Value x) {
        require(rank() == 0 && dtype == DType.FLOAT32, "expected one float32 number");
        List<Argument> batch = List.of(Argument.call("torch.size", x, 0));
        return graph.create(path, new Shape(x.extent(0)), x, "torch.ones", batch)
                .mul(this);
    }

    /**
     * All elements along an axis, which disappears; views. Backward joins their gradients in one copy, where that of as
     * many {@link #select}s would fill and add whole tensors.
     */
    public List<Value> unbind(int axis) {
        require(axis >= 0 && axis < rank() && extent(axis) != Shape.BATCH, "cannot take axis %d apart", axis);
        List<Shape> shapes = Collections.nCopies((int) extent(axis), shape.without(axis));
        return graph.emitSeveral(Node.Kind.VIEW, path, shapes, dtype, "torch.unbind", this, axis);
    }

    // ---- inside ------------------------------------------------------------------------------------------------

    private Value map(String op, Object... operands) {
        return emit(Node.Kind.COMPUTED, shape, op, operands);
    }

    private Value view(Shape result, String op, Object... operands) {
        return emit(Node.Kind.VIEW, result, op, operands);
    }

    /** Adds an operation on this value and others, with a result of this dtype. */
    Value emit(Node.Kind kind, Shape result, String op, Object... operands) {
        Object[] arguments =
                Stream.concat(Stream.of(this), Arrays.stream(operands)).toArray();
        return graph.emit(kind, path, result, dtype, "torch." + op, arguments);
    }

    private Value elementwise(String op, Value other) {
        Shape common = Shape.broadcast(shape, other.shape);
        boolean fits = common != null && dtype == other.dtype;
        require(fits, "cannot %s: the other operand is %s from %s", op, other, other.path);
        return graph.emit(path, Objects.requireNonNull(common), dtype, "torch." + op, this, other);
    }

    @com.google.errorprone.annotations.FormatMethod
    void require(boolean condition, String format, Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(
                    path + ": " + String.format(format, values) + " (x is " + dtype + " " + shape + ")");
        }
    }

    /** For messages: dtype and shape. */
    @Override
    public String toString() {
        return dtype + " " + shape;
    }
}
