package io.unifiedlatents.core.torchscript;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A complete method, written as TorchScript text, indented for a class body. Variables are named after layers. */
final class Method {
    private static final Set<String> RESERVED = Set.of(
            "self", "torch", "ops", "and", "assert", "def", "del", "else", "for", "if", "in", "is", "not", "or", "pass",
            "return", "while", "with");

    private final boolean differentiates;
    private final StringBuilder text = new StringBuilder();
    private final Map<Argument.Symbol, String> names = new HashMap<>();
    private final Map<Argument.Symbol, Argument.Symbol> replacements = new HashMap<>();
    private final Set<String> taken = new HashSet<>(RESERVED);

    private Method(boolean differentiates) {
        this.differentiates = differentiates;
    }

    /**
     * Writes a method that returns one tensor, or a tuple of several.
     *
     * @param nodes in the order in which they run; the method's arguments are those nodes that are inputs
     * @param differentiates whether libtorch records what backward needs
     */
    static String text(String name, List<Node> nodes, List<Value> results, boolean differentiates) {
        String type = "Tensor" + ", Tensor".repeat(results.size() - 1);
        Method method = new Method(differentiates);
        return results.size() == 1
                ? method.write(name, nodes, type, "", results, "")
                : method.write(name, nodes, "Tuple[" + type + "]", "(", results, ")");
    }

    /** Writes a method that differentiates and returns a list of tensors. */
    static String listText(String name, List<Node> nodes, List<? extends Argument> results) {
        return new Method(true).write(name, nodes, Node.Input.LIST, "annotate(List[Tensor], [", results, "])");
    }

    private String write(
            String name, List<Node> nodes, String type, String before, List<? extends Argument> results, String after) {
        text.append("  def ").append(name).append("(self: __torch__.UL");
        for (Node node : nodes) {
            if (node instanceof Node.Input input) {
                text.append(", ").append(name(input.variable())).append(": ").append(input.type());
            }
        }
        text.append(") -> ").append(type).append(":\n");
        // Grad mode belongs to the thread, and DJL leaves it in different states on different threads.
        line(2, "torch.set_grad_enabled(" + (differentiates ? "True" : "False") + ")");
        nodes.forEach(node -> write(2, node));
        line(2, "return " + before + list(results) + after);
        return text.toString();
    }

    private void write(int depth, Node node) {
        if (node instanceof Node.Parameter parameter) {
            ParameterLayout.Entry entry = parameter.entry();
            String view = String.format(
                    "torch.view(torch.slice(%s, 0, %d, %d, 1), %s)",
                    argument(parameter.flat()), entry.offset(), entry.end(), entry.shape());
            line(
                    depth,
                    name(parameter.value()) + " = "
                            + (differentiates ? "torch.requires_grad_(" + view + ", True)" : view));
        } else if (node instanceof Node.Call call) {
            String right = call.function() + "(" + list(call.arguments()) + ")";
            String left = call.results().stream().map(this::name).collect(Collectors.joining(", "));
            line(depth, left + (call.unpacked() ? ", = " : " = ") + right);
        } else if (node instanceof Node.Choice choice) {
            line(depth, "if " + argument(choice.condition()) + ":");
            body(depth + 1, choice.yes(), choice.results());
            line(depth, "else:");
            body(depth + 1, choice.no(), choice.results());
        } else if (node instanceof Node.Loop loop) {
            assign(depth, loop.results(), loop.start());
            line(depth, "for " + name(loop.index()) + " in range(torch.size(" + argument(loop.rows()) + ", 0)):");
            body(depth + 1, loop.body(), loop.results());
        } else if (node instanceof Node.Replacement replacement) {
            replacements.put(replacement.value(), replacement.by());
        }
    }

    private void body(int depth, Node.Body body, List<Value> targets) {
        body.nodes().forEach(node -> write(depth, node));
        assign(depth, targets, body.ends());
    }

    /** Assigns all at once, so that variables may change places. */
    private void assign(int depth, List<Value> targets, List<Value> sources) {
        line(
                depth,
                targets.size() == 1
                        ? list(targets) + " = " + list(sources)
                        : list(targets) + ", = (" + list(sources) + ")");
    }

    private void line(int depth, String content) {
        text.append("  ".repeat(depth)).append(content).append('\n');
    }

    private String list(List<? extends Argument> arguments) {
        return arguments.stream().map(this::argument).collect(Collectors.joining(", "));
    }

    private String argument(Argument argument) {
        if (argument instanceof Argument.Expression expression) {
            return expression.before() + list(expression.parts()) + expression.after();
        }
        Argument.Symbol symbol = (Argument.Symbol) argument;
        return name(replacements.getOrDefault(symbol, symbol));
    }

    /** The name of a variable, chosen where it is first needed. */
    private String name(Argument.Symbol symbol) {
        return names.computeIfAbsent(symbol, key -> {
            String base = key.path().replaceAll("[^A-Za-z0-9]", "_");
            String name = base;
            for (int i = 1; !taken.add(name); i++) {
                name = base + "_" + i;
            }
            return name;
        });
    }
}
