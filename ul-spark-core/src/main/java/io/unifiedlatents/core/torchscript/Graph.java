package io.unifiedlatents.core.torchscript;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import io.unifiedlatents.core.config.Check;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private record LeafKey(String parameter, DType dtype) {}

    private final String method;
    private final ParameterLayout layout;
    private final DType compute;
    private final List<String> arguments = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<LeafKey, Value> leaves = new LinkedHashMap<>();
    private final List<String> leafLines = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private @Nullable String flat;
    private @Nullable String returned;
    private @Nullable String generator;
    private int outputs;
    private boolean differentiates;
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
        Check.argument(returned == null, "%s: outputs were given before", method);
        List<String> list = new ArrayList<>();
        for (Value value : values) {
            value.require(value.dtype() != DType.BFLOAT16, "an output must be cast to float32 before it leaves");
            list.add(value.name());
        }
        outputs = values.length;
        returned = values.length == 1 ? list.get(0) : "(" + String.join(", ", list) + ")";
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
        differentiates = true;
        List<String> wanted = leaves.values().stream().map(Value::name).toList();
        lines.add("gs = torch.grad([" + loss.name() + "], [" + String.join(", ", wanted)
                + "], None, None, False, False)");
        int index = 0;
        for (LeafKey leaf : leaves.keySet()) {
            ParameterLayout.Entry entry = layout.entry(leaf.parameter());
            lines.add(String.format(
                    "_g = torch.add_(torch.slice(%s, 0, %d, %d, 1), torch.reshape(unchecked_cast(Tensor, gs[%d]), [-1]))",
                    flat.name(), entry.offset(), entry.end(), index++));
        }
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
        return leaves.computeIfAbsent(new LeafKey(name, dtype), key -> {
            ParameterLayout.Entry entry = layout.require(name, initializer, shape);
            String leaf = fresh(name);
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

    /** The method as TorchScript text, indented for a class body. */
    String text() {
        Check.argument(returned != null, "%s: no outputs were given", method);
        StringBuilder text = new StringBuilder();
        text.append("  def ").append(method).append("(self: __torch__.UL");
        arguments.forEach(argument -> text.append(", ").append(argument));
        String type = outputs == 1 ? "Tensor" : "Tuple[" + "Tensor, ".repeat(outputs - 1) + "Tensor]";
        text.append(") -> ").append(type).append(":\n");
        List<String> body = new ArrayList<>();
        // grad mode belongs to the thread, and DJL leaves it in different states on different threads
        body.add("torch.set_grad_enabled(" + (differentiates ? "True" : "False") + ")");
        for (DType dtype :
                leaves.keySet().stream().map(LeafKey::dtype).distinct().toList()) {
            body.add("flat_" + dtype + " = torch.detach(torch.to(" + (flat == null ? "self.weights" : flat) + ", "
                    + dtype.code() + "))");
        }
        for (String leaf : leafLines) {
            body.add(differentiates ? leaf.replaceFirst("= (.*)$", "= torch.requires_grad_($1, True)") : leaf);
        }
        body.addAll(lines);
        body.add("return " + returned);
        body.forEach(line -> text.append("    ").append(line).append('\n'));
        return text.toString();
    }
}
