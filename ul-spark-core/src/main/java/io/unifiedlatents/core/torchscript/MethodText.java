package io.unifiedlatents.core.torchscript;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes a method as TorchScript text, indented for a class body. Variables are named after layers. */
final class MethodText {
    private static final Set<String> RESERVED = Set.of(
            "self", "torch", "ops", "and", "assert", "def", "del", "else", "for", "if", "in", "is", "not", "or", "pass",
            "return", "while", "with");

    private final boolean differentiates;
    private final StringBuilder text = new StringBuilder();
    private final Map<Argument.Symbol, String> names = new HashMap<>();
    private final Set<String> taken = new HashSet<>(RESERVED);

    private MethodText(boolean differentiates) {
        this.differentiates = differentiates;
    }

    static String of(Method method) {
        return new MethodText(method.differentiates()).write(method);
    }

    private String write(Method method) {
        List<Node.Input> inputs = method.nodes().stream()
                .filter(Node.Input.class::isInstance)
                .map(Node.Input.class::cast)
                .toList();
        text.append("  def ").append(method.name()).append("(self: __torch__.UL");
        for (Node.Input input : inputs) {
            text.append(", ").append(name(input.symbol())).append(": ").append(input.type());
        }
        text.append(") -> ").append(returnType(method)).append(":\n");
        // Grad mode belongs to the thread, and DJL leaves it in different states on different threads.
        line(2, "torch.set_grad_enabled(" + (differentiates ? "True" : "False") + ")");
        method.nodes().forEach(node -> write(2, node));
        line(2, "return " + returned(method));
        return text.toString();
    }

    private static String returnType(Method method) {
        int count = method.results().size();
        return method.returnsList()
                ? Node.Input.LIST
                : count == 1 ? "Tensor" : "Tuple[" + "Tensor, ".repeat(count - 1) + "Tensor]";
    }

    private String returned(Method method) {
        String results = list(method.results());
        return method.returnsList()
                ? "annotate(List[Tensor], [" + results + "])"
                : method.results().size() == 1 ? results : "(" + results + ")";
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
            assign(depth, loop.variables(), loop.start());
            line(depth, "for " + name(loop.index()) + " in range(torch.size(" + argument(loop.rows()) + ", 0)):");
            body(depth + 1, loop.body(), loop.variables());
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
        if (argument instanceof Argument.Literal literal) {
            return literal.text();
        }
        if (argument instanceof Argument.Items items) {
            return "[" + list(items.parts()) + "]";
        }
        if (argument instanceof Argument.Keyword keyword) {
            return keyword.name() + "=" + argument(keyword.value());
        }
        if (argument instanceof Argument.Expression expression) {
            return expression.function() + "(" + list(expression.parts()) + ")";
        }
        return name((Argument.Symbol) argument);
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
