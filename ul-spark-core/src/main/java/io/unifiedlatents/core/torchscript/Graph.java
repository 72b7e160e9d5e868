package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.config.Check;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One method of a script while it is built: its nodes in order, its inputs and outputs. As all shapes are known, it
 * counts the FLOPs and the bytes of the results of one sample. {@link Archive} writes the finished method as text.
 *
 * <p>Not thread safe; used once, for one method.
 */
public final class Graph {
    /** Suffix of the method that runs forward only and keeps what backward needs, see {@link #segments}. */
    public static final String FORWARD = "_forward";

    /**
     * A part of backward that is called on its own.
     *
     * @param method its name: takes the flat gradient and a list, what forward returned followed by what the previous
     *     segment returned; adds onto the gradient
     * @param begin first parameter, in the flat vector, whose gradient is complete afterwards
     * @param end first one behind them
     */
    public record Segment(String method, long begin, long end) {}

    /** The loss, the flat gradient, and the number of nodes before differentiation. */
    private record Differentiation(Value loss, Value flat, int position) {}

    private final String method;
    private final ParameterLayout layout;
    private final DType compute;
    private final List<Node> nodes = new ArrayList<>();
    private final Deque<List<Node>> open = new ArrayDeque<>(List.of(nodes)); // bodies being built, innermost first
    private final Set<Argument.Symbol> hidden = new HashSet<>(); // of closed bodies
    private final Map<String, Value> parameters = new HashMap<>();
    private final List<Integer> boundaries = new ArrayList<>(); // numbers of nodes before them
    private Argument parameterSource = new Argument.Expression("self.weights", List.of(), "");
    private List<Value> outputs = List.of();
    private @Nullable Value flatParameters; // in the compute dtype
    private @Nullable Handle generator;
    private @Nullable Differentiation differentiation;
    private long flops;
    private long resultBytes;

    /**
     * Starts a method.
     *
     * @param method its name in the script
     * @param layout where its parameters lie; grows as networks ask for parameters
     * @param compute dtype of matrix products, convolutions and attention: FLOAT32 or BFLOAT16
     */
    public Graph(String method, ParameterLayout layout, DType compute) {
        this.method = method;
        this.layout = layout;
        this.compute = compute;
    }

    /** Dtype of matrix products, convolutions and attention. */
    public DType compute() {
        return compute;
    }

    /** FLOPs of forward for one sample, 2 per multiply-add of linear layers, convolutions and attention. */
    public long flops() {
        return flops;
    }

    /** Bytes of all intermediate results of one sample, an upper bound of the memory that backward needs. */
    public long resultBytes() {
        return resultBytes;
    }

    /** Declares the next argument; its first extent may be -1 (the batch). */
    public Value input(String name, DType dtype, long... extents) {
        Value input = new Value(this, name, new Shape(extents), dtype);
        nodes.add(new Node.Input(input, Node.Input.TENSOR));
        return input;
    }

    /**
     * Declares the next argument as the flat float32 vector that parameters are taken from. Without this, parameters
     * come from the weights that the archive itself carries.
     */
    public void parametersFromArgument(String name) {
        parameterSource = input(name, DType.FLOAT32, 0);
    }

    /** The scope of a network, below which its layers have theirs. */
    public Scope scope(String path) {
        return new Scope(this, path);
    }

    /** Sets the results of the method: float32, float64 or integer values, in this order. */
    public void output(Value... values) {
        Check.argument(outputs.isEmpty(), "%s: outputs were given before", method);
        for (Value value : values) {
            value.require(value.dtype() != DType.BFLOAT16, "an output must be cast to float32 before it leaves");
            requireVisible(value);
        }
        outputs = List.of(values);
    }

    /**
     * Differentiates: from here the method runs forward and backward in one call. Each parameter's gradient is added
     * onto its range of a flat vector, so that gradients of micro-batches add up without a copy.
     *
     * @param loss float32 scalar, shape []
     * @param flat float32 vector in the order of the layout, written in place; a parameter that the loss does not
     *     depend on is an error when the script runs
     */
    public void accumulateGradient(Value loss, Value flat) {
        loss.require(loss.rank() == 0 && loss.dtype() == DType.FLOAT32, "a loss must be a float32 scalar");
        differentiation = new Differentiation(loss, flat, nodes.size());
    }

    /**
     * Marks a boundary between layers where backward may pause: the gradients of the parameters first used behind it
     * are complete before those in front of it are begun. A method that does not differentiate ignores it.
     */
    public void boundary() {
        Check.argument(open.size() == 1, "%s: a boundary cannot lie inside a body", method);
        boundaries.add(nodes.size());
    }

    /**
     * The segments of backward between boundaries, in the order in which they run. To run backward in segments, call
     * the method whose name ends in {@link #FORWARD} with the same arguments, which returns a list that starts with the
     * outputs, and then each segment. Only gradients of results that two segments use may be summed in another order
     * than in the whole method.
     *
     * @return two or more, or none where the method has no boundary with parameters on both sides
     */
    public List<Segment> segments() {
        return cut(Objects.requireNonNull(differentiation, method + " does not differentiate"))
                .segments();
    }

    private Segments cut(Differentiation d) {
        return new Segments(method, nodes.subList(0, d.position()), boundaries, outputs, d.loss(), d.flat());
    }

    // ---- bodies ------------------------------------------------------------------------------------------------

    /** The body of a loop over the rows of a tensor. */
    @FunctionalInterface
    public interface Step {
        /**
         * Builds the body.
         *
         * @param i index of the row, to select from other tensors
         * @param row of the tensor that the loop runs over
         * @param variables of the loop as the previous row left them
         * @return as many values of the same shapes and dtypes, which the next row sees
         */
        List<Value> apply(Handle i, Value row, List<Value> variables);
    }

    /**
     * Runs a body once for each row of a tensor.
     *
     * @param rows [S, ...]; S may be open
     * @param start the variables before the first row
     * @return the variables after the last row
     */
    public List<Value> loop(Value rows, List<Value> start, Step step) {
        start.forEach(this::requireVisible);
        requireVisible(rows);
        Handle index = new Handle("i");
        List<Value> variables = start.stream().map(Value::another).toList();
        Node.Body body = body(() -> step.apply(index, rows.select(0, index), variables));
        requireSame(
                variables, body.ends(), "the body of a loop must end with the shapes and dtypes that it began with");
        add(new Node.Loop(rows, index, variables, start, body));
        return variables;
    }

    /**
     * Runs one of two bodies, which end with values of one shape and dtype.
     *
     * @param condition one number or truth value, shape []; true where it is not zero
     */
    public Value ifElse(Value condition, Supplier<Value> yes, Supplier<Value> no) {
        condition.require(condition.rank() == 0, "a condition must be one number");
        requireVisible(condition);
        return ifElse(Argument.call("bool", condition), yes, no);
    }

    /** As {@link #ifElse(Value, Supplier, Supplier)}, with any truth value. */
    Value ifElse(Argument condition, Supplier<Value> yes, Supplier<Value> no) {
        long flopsBefore = flops;
        long bytesBefore = resultBytes;
        Node.Body whenTrue = body(() -> List.of(yes.get()));
        long flopsWhenTrue = flops;
        long bytesWhenTrue = resultBytes;
        flops = flopsBefore;
        resultBytes = bytesBefore;
        Node.Body whenFalse = body(() -> List.of(no.get()));
        flops = Math.max(flops, flopsWhenTrue);
        resultBytes = Math.max(resultBytes, bytesWhenTrue);
        requireSame(whenTrue.ends(), whenFalse.ends(), "both cases must end with the same shape and dtype");
        Value result = whenTrue.ends().get(0).another();
        add(new Node.Choice(condition, whenTrue, whenFalse, List.of(result)));
        return result;
    }

    private void requireSame(List<Value> expected, List<Value> actual, String rule) {
        boolean same = expected.size() == actual.size()
                && IntStream.range(0, actual.size()).allMatch(i -> actual.get(i).isLike(expected.get(i)));
        Check.argument(same, "%s: %s: %s against %s", method, rule, actual, expected);
    }

    private Node.Body body(Supplier<List<Value>> content) {
        List<Node> body = new ArrayList<>();
        open.push(body);
        List<Value> ends = content.get();
        ends.forEach(this::requireVisible);
        open.pop();
        body.forEach(node -> hidden.addAll(node.results()));
        return new Node.Body(body, ends);
    }

    /**
     * Calls another method of the same archive.
     *
     * @param other a finished method with one output
     * @param arguments as its inputs, in order; its first extents may be open
     */
    public Value call(Graph other, Value... arguments) {
        List<Value> inputs = other.nodes.stream()
                .filter(Node.Input.class::isInstance)
                .map(node -> (Value) node.results().get(0))
                .toList();
        Check.argument(
                inputs.size() == arguments.length && other.outputs.size() == 1,
                "%s: %s takes %s and returns %s; it cannot be called for one value with %s",
                method,
                other.method,
                inputs,
                other.outputs,
                List.of(arguments));
        for (int i = 0; i < arguments.length; i++) {
            Value input = inputs.get(i);
            boolean fits =
                    arguments[i].dtype() == input.dtype() && input.shape().accepts(arguments[i].shape());
            arguments[i].require(fits, "%s takes %s as %s", other.method, input, input.path());
        }
        flops += other.flops;
        resultBytes += other.resultBytes;
        Value output = other.outputs.get(0);
        return emit(other.method, output.shape(), output.dtype(), "(self)." + other.method, (Object[]) arguments);
    }

    /**
     * Numbers that are fixed when the script is written.
     *
     * @param on a value on the device where they are needed
     * @param values row-major, finite
     * @return float32 of these extents
     */
    public Value constant(Value on, float[] values, long... extents) {
        Argument device = Argument.device(on);
        Argument dtype = Argument.keyword("dtype", DType.FLOAT32);
        Shape flat = new Shape(values.length);
        return emit(Node.Kind.CONSTANT, "constant", flat, DType.FLOAT32, "torch.tensor", values, dtype, device)
                .reshape(extents);
    }

    // ---- used by Value and Functions --------------------------------------------------------------------------------

    /** Adds an operation that has one result with memory of its own; arguments as {@link Argument#of} takes them. */
    Value emit(String path, Shape shape, DType dtype, String function, Object... arguments) {
        return emit(Node.Kind.COMPUTED, path, shape, dtype, function, arguments);
    }

    /** Adds an operation that has one result of this kind. */
    Value emit(Node.Kind kind, String path, Shape shape, DType dtype, String function, Object... arguments) {
        Value result = result(kind, path, shape, dtype);
        call(new Node.Call(kind, function, Argument.all(arguments), result));
        return result;
    }

    /** Adds an operation that returns a tuple or list with tensors of these shapes. */
    List<Value> emitSeveral(
            Node.Kind kind, String path, List<Shape> shapes, DType dtype, String function, Object... arguments) {
        List<Value> results =
                shapes.stream().map(shape -> result(kind, path, shape, dtype)).toList();
        call(new Node.Call(kind, function, Argument.all(arguments), results, true));
        return results;
    }

    private Value result(Node.Kind kind, String path, Shape shape, DType dtype) {
        resultBytes += kind.ownsMemory ? shape.elements() * dtype.bytes() : 0;
        return new Value(this, path, shape, dtype);
    }

    /** Adds a new float32 tensor that no gradient flows through, on the device of another. */
    Value create(String path, Shape shape, Value on, String function, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.add(Argument.keyword("dtype", DType.FLOAT32));
        all.add(Argument.keyword("layout", Argument.none()));
        all.add(Argument.device(on));
        all.add(Argument.keyword("pin_memory", Argument.none()));
        return emit(Node.Kind.CONSTANT, path, shape, DType.FLOAT32, function, all.toArray());
    }

    private void add(Node node) {
        open.element().add(node);
    }

    private void call(Node.Call call) {
        call.uses().forEach(this::requireVisible);
        add(call);
    }

    private void requireVisible(Value value) {
        value.require(value.graph() == this, "a value of another method cannot be used in %s", method);
        value.require(!hidden.contains(value), "a value made inside a body cannot be used outside of it");
    }

    void startRandom(Value seeds) {
        generator = new Handle("generator");
        Argument device = Argument.device(seeds);
        call(new Node.Call(Node.Kind.CONSTANT, "torch.Generator", List.of(device), generator));
        List<Argument> arguments = Argument.all(generator, Argument.call("int", seeds.select(0, 0)));
        call(new Node.Call(Node.Kind.CONSTANT, "torch.manual_seed", arguments, new Handle("seeded")));
    }

    boolean isRandom() {
        return generator != null;
    }

    /** The argument that makes an operation draw from the generator of this call. */
    Argument random() {
        if (generator == null) {
            throw new IllegalStateException(method + ": draws random numbers without a seed");
        }
        return Argument.keyword("generator", generator);
    }

    void countFlops(long flops) {
        this.flops += flops;
    }

    /** A parameter in the compute dtype: a leaf, which is a view of the flat vector. It belongs to no body. */
    Value parameter(String name, Initializer initializer, Shape shape) {
        ParameterLayout.Entry entry = layout.require(name, initializer, shape);
        return parameters.computeIfAbsent(name, key -> {
            Value flat = flatParameters();
            Value value = new Value(this, name, shape, compute);
            nodes.add(new Node.Parameter(value, flat, entry));
            return value;
        });
    }

    private Value flatParameters() {
        Value flat = flatParameters;
        if (flat == null) {
            flat = new Value(this, "flat", new Shape(0), compute);
            flatParameters = flat;
            Argument cast = Argument.call("torch.to", parameterSource, compute);
            nodes.add(new Node.Call(Node.Kind.DETACHED, "torch.detach", List.of(cast), flat));
        }
        return flat;
    }

    /** The text of the method, indented for a class body, followed by the methods that run it in segments. */
    String text() {
        Check.argument(!outputs.isEmpty(), "%s: no outputs were given", method);
        Differentiation d = differentiation;
        if (d == null) {
            return Method.text(method, nodes, outputs, false);
        }
        List<Node> rest = nodes.subList(d.position(), nodes.size());
        List<Node> whole = new ArrayList<>(nodes.subList(0, d.position()));
        List<Node.Parameter> all = Gradients.parameters(whole);
        Gradients.append(whole, List.of(d.loss()), Argument.none(), List.of(), all, d.flat(), value -> value);
        whole.addAll(rest);
        return Method.text(method, whole, outputs, true) + cut(d).text(rest);
    }
}
