package io.unifiedlatents.core.torchscript;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import io.unifiedlatents.core.config.Check;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One method of a script while it is written: inputs, the lines so far, outputs. It knows every shape and so counts
 * FLOPs (2 per multiply-add; linear, convolution, attention; forward only) and the bytes its results occupy, both for
 * one sample.
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

    private static final String LIST = "List[Tensor]";

    private record LeafKey(String parameter, DType dtype) {}

    /** Where in the method, and of what, gradients are taken. */
    private record Differentiation(String loss, String flat, int line) {}

    private final String method;
    private final ParameterLayout layout;
    private final DType compute;
    private final List<String> arguments = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<LeafKey, Value> parameters = new LinkedHashMap<>();
    private final List<Segments.Leaf> leaves = new ArrayList<>();
    private final List<String> leafLines = new ArrayList<>();
    private final List<Integer> boundaries = new ArrayList<>(); // numbers of lines before them
    private final Set<String> names = new HashSet<>();
    private @Nullable String flat;
    private final List<String> outputs = new ArrayList<>();
    private @Nullable String generator;
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

    /** FLOPs of one sample, forward, at 2 per multiply-add of linear, convolution and attention. */
    public long flops() {
        return flops;
    }

    /** Bytes of all intermediate results of one sample: what backward may keep, as an upper bound. */
    public long resultBytes() {
        return resultBytes;
    }

    /** Declares the next argument; its first extent may be -1 (the batch). */
    public Value input(String name, DType dtype, long... extents) {
        arguments.add(name + ": Tensor");
        names.add(name);
        return new Value(this, name, name, new Shape(extents), dtype);
    }

    /**
     * Declares the next argument as the flat float32 vector that parameters are taken from. Without this, parameters
     * come from the weights that the archive itself carries.
     */
    public void parametersFromArgument(String name) {
        arguments.add(name + ": Tensor");
        names.add(name);
        flat = name;
    }

    /** The root path: networks hang their layers below it. */
    public Scope scope(String path) {
        return new Scope(this, path);
    }

    /** Fixes what the method returns: float32, float64 or integer values, in this order. */
    public void output(Value... values) {
        Check.argument(outputs.isEmpty(), "%s: outputs were given before", method);
        for (Value value : values) {
            value.require(value.dtype() != DType.BFLOAT16, "an output must be cast to float32 before it leaves");
            outputs.add(value.name());
        }
    }

    /**
     * Differentiates: from here the method runs forward and backward in one call. Each parameter's gradient is added
     * onto its place in a flat vector, so that micro-batches add up without a copy in between.
     *
     * @param loss float32 scalar, shape []
     * @param flat float32 vector in the order of the layout, written in place; a parameter that the loss does not
     *     depend on is an error when the script runs
     */
    public void accumulateGradient(Value loss, Value flat) {
        loss.require(loss.rank() == 0 && loss.dtype() == DType.FLOAT32, "a loss must be a float32 scalar");
        differentiation = new Differentiation(loss.name(), flat.name(), lines.size());
    }

    /**
     * Marks a place between layers where backward may pause: the gradients of the parameters first used behind it are
     * complete before those in front of it are begun. Nothing else changes; a method that does not differentiate
     * ignores it.
     */
    public void boundary() {
        boundaries.add(lines.size());
    }

    /**
     * The parts of backward between boundaries, in the order in which they run. To run backward in parts, call the
     * method's name with {@link #FORWARD} behind and the same arguments, which returns a list that starts with the
     * outputs, and then each segment. The sums are those of the whole method but for the order in which a result that
     * two segments use adds up its gradients.
     *
     * @return two or more, or none where the method has no boundary with parameters on both sides
     */
    public List<Segment> segments() {
        Segments cut = cut();
        List<Segment> segments = new ArrayList<>();
        for (int k = cut.count() - 1; k >= 0 && cut.count() > 1; k--) {
            segments.add(new Segment(backwardName(k), cut.begin(k), cut.end(k)));
        }
        return segments;
    }

    private String backwardName(int segment) {
        return method + "_backward" + segment;
    }

    private Segments cut() {
        Differentiation d = Objects.requireNonNull(differentiation, method + " does not differentiate");
        return new Segments(lines.subList(0, d.line()), boundaries, leaves, outputs, d.loss(), d.flat());
    }

    /** As {@link #accumulateGradient}, onto zeros: the gradient of every parameter, float32 [parameters]. */
    public Value gradient(Value loss) {
        Value flat = emit(
                method,
                new Shape(layout.size()),
                DType.FLOAT32,
                "torch.zeros([%d], dtype=6, layout=None, device=ops.prim.device(%s), pin_memory=None)",
                layout.size(),
                loss.name());
        accumulateGradient(loss, flat);
        return flat;
    }

    /** Writes one line as it stands: for scripts that are not networks (optimizer, samplers). */
    public void line(String text) {
        lines.add(text);
    }

    /** Names the result of a line written with {@link #line}. */
    public Value named(String name, DType dtype, long... extents) {
        names.add(name);
        return new Value(this, name, name, new Shape(extents), dtype);
    }

    // ---- for Value and Functions --------------------------------------------------------------------------------

    /** Writes {@code name = text} for a result with memory of its own. */
    @FormatMethod
    Value emit(String path, Shape shape, DType dtype, @FormatString String format, Object... values) {
        resultBytes += shape.elements() * dtype.bytes();
        return emitView(path, shape, dtype, format, values);
    }

    /** Writes {@code name = text} for a view of another result. */
    @FormatMethod
    Value emitView(String path, Shape shape, DType dtype, @FormatString String format, Object... values) {
        String name = fresh(path);
        lines.add(name + " = " + String.format(format, values));
        return new Value(this, name, path, shape, dtype);
    }

    void startRandom(Value seeds) {
        generator = fresh("generator");
        lines.add(generator + " = torch.Generator(device=ops.prim.device(" + seeds.name() + "))");
        lines.add("_s = torch.manual_seed(" + generator + ", int(torch.select(" + seeds.name() + ", 0, 0)))");
    }

    boolean isRandom() {
        return generator != null;
    }

    String random() {
        if (generator == null) {
            throw new IllegalStateException(method + ": draws random numbers without a seed");
        }
        return generator;
    }

    void countFlops(long flops) {
        this.flops += flops;
    }

    /** A parameter as a leaf: a view of the flat vector cast to the wanted dtype. */
    Value parameter(String name, DType dtype, Initializer initializer, Shape shape) {
        return parameters.computeIfAbsent(new LeafKey(name, dtype), key -> {
            ParameterLayout.Entry entry = layout.require(name, initializer, shape);
            String leaf = fresh(name);
            leaves.add(new Segments.Leaf(leaf, entry, lines.size()));
            leafLines.add(String.format(
                    "%s = torch.view(torch.slice(flat_%s, 0, %d, %d, 1), %s)",
                    leaf, dtype, entry.offset(), entry.end(), shape.literal()));
            return new Value(this, leaf, name, shape, dtype);
        });
    }

    private String fresh(String path) {
        String base = path.replaceAll("[^A-Za-z0-9]", "_");
        String name = base;
        for (int i = 1; !names.add(name); i++) {
            name = base + "_" + i;
        }
        return name;
    }

    /** The method as TorchScript text, indented for a class body; behind it those that run it in parts. */
    String text() {
        Check.argument(!outputs.isEmpty(), "%s: no outputs were given", method);
        boolean single = outputs.size() == 1;
        String type = single ? "Tensor" : "Tuple[" + "Tensor, ".repeat(outputs.size() - 1) + "Tensor]";
        String result = "return " + (single ? outputs.get(0) : "(" + String.join(", ", outputs) + ")");
        Differentiation d = differentiation;
        if (d == null) {
            return text(method, arguments, type, parameterLines(false), lines, List.of(result));
        }
        List<String> forward = lines.subList(0, d.line());
        List<String> rest = lines.subList(d.line(), lines.size());
        List<String> wanted = leaves.stream().map(Segments.Leaf::name).toList();
        String gradients = "gs = torch.grad([" + d.loss() + "], " + wanted + ", None, None, False, False)";
        List<String> accumulation = Segments.accumulation(leaves, d.flat(), 0);
        StringBuilder text = new StringBuilder(text(
                method,
                arguments,
                type,
                parameterLines(true),
                forward,
                List.of(gradients),
                accumulation,
                rest,
                List.of(result)));
        Segments cut = cut();
        if (cut.count() > 1) {
            String kept = "return annotate(List[Tensor], " + cut.kept() + ")";
            text.append(
                    text(method + FORWARD, arguments, LIST, parameterLines(true), cut.forward(), rest, List.of(kept)));
            for (int k = 0; k < cut.count(); k++) {
                List<String> own = List.of(d.flat() + ": Tensor", "kept: " + LIST);
                text.append(text(backwardName(k), own, LIST, List.of(gradMode(true)), cut.backward(k)));
            }
        }
        return text.toString();
    }

    /** Grad mode and the parameters as views of the flat vector. */
    private List<String> parameterLines(boolean differentiable) {
        List<String> body = new ArrayList<>();
        body.add(gradMode(differentiable));
        for (DType dtype :
                parameters.keySet().stream().map(LeafKey::dtype).distinct().toList()) {
            body.add("flat_" + dtype + " = torch.detach(torch.to(" + (flat == null ? "self.weights" : flat) + ", "
                    + dtype.code() + "))");
        }
        for (String leaf : leafLines) {
            body.add(differentiable ? leaf.replaceFirst("= (.*)$", "= torch.requires_grad_($1, True)") : leaf);
        }
        return body;
    }

    /** Belongs to the thread, and DJL leaves it in different states on different threads. */
    private static String gradMode(boolean enabled) {
        return "torch.set_grad_enabled(" + (enabled ? "True" : "False") + ")";
    }

    @SafeVarargs
    private static String text(String name, List<String> arguments, String type, List<String>... body) {
        StringBuilder text = new StringBuilder();
        text.append("  def ").append(name).append("(self: __torch__.UL");
        arguments.forEach(argument -> text.append(", ").append(argument));
        text.append(") -> ").append(type).append(":\n");
        for (List<String> part : body) {
            part.forEach(line -> text.append("    ").append(line).append('\n'));
        }
        return text.toString();
    }
}
