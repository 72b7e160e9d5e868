package io.unifiedlatents.core.torchscript;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One step of a method: what it takes and the variables that it makes. Nodes run in the order in which they stand. */
sealed interface Node {
    /** Properties of what an operation makes. */
    enum Kind {
        /** A tensor with memory of its own, through which gradients flow. */
        COMPUTED(true, true),
        /** Another tensor's memory seen in another way; gradients flow through it. */
        VIEW(false, true),
        /** A tensor with memory of its own that does not depend on operands smoothly: noise, zeros, comparisons. */
        CONSTANT(true, false),
        /** A view through which no gradient flows. */
        DETACHED(false, false),
        /** An operand itself, whose numbers have been changed. */
        IN_PLACE(false, false);

        private final boolean memory;
        private final boolean differentiable;

        Kind(boolean memory, boolean differentiable) {
            this.memory = memory;
            this.differentiable = differentiable;
        }

        /** Whether the result has memory of its own. */
        boolean ownsMemory() {
            return memory;
        }
    }

    /** An argument of the method. */
    record Input(Argument.Symbol symbol, String type) implements Node {
        static final String TENSOR = "Tensor";
        static final String LIST = "List[Tensor]";
    }

    /**
     * A trainable parameter: a view of the flat vector.
     *
     * @param flat the vector in the parameter's dtype
     * @param entry its place there
     */
    record Parameter(Value value, Value flat, ParameterLayout.Entry entry) implements Node {}

    /**
     * An operation.
     *
     * @param function as TorchScript names it
     * @param results one; or several where {@code unpacked}
     * @param unpacked whether the function returns a tuple or list, whose elements are the results
     */
    record Call(
            Kind kind,
            String function,
            List<Argument> arguments,
            List<? extends Argument.Symbol> results,
            boolean unpacked)
            implements Node {
        /** An operation with one result. */
        Call(Kind kind, String function, List<Argument> arguments, Argument.Symbol result) {
            this(kind, function, arguments, List.of(result), false);
        }
    }

    /**
     * One of two bodies, chosen when the script runs.
     *
     * @param condition a truth value
     * @param results what the chosen body ends with
     */
    record Choice(Argument condition, Body yes, Body no, List<Value> results) implements Node {}

    /**
     * A body that runs once for each row of a tensor.
     *
     * @param index of the row
     * @param variables what the body sees of the previous row; behind the loop, what the last row left
     * @param start what the body sees in the first row
     * @param body ends with what the next row sees
     */
    record Loop(Value rows, Handle index, List<Value> variables, List<Value> start, Body body) implements Node {}

    /** Nodes that run together, and the values that they end with. */
    record Body(List<Node> nodes, List<Value> ends) {
        private Stream<Value> uses() {
            return Stream.concat(nodes.stream().flatMap(Node::uses), ends.stream());
        }

        private Body replacing(Map<Value, Value> substitutes) {
            return new Body(
                    nodes.stream().map(node -> node.replacing(substitutes)).toList(), replaced(ends, substitutes));
        }
    }

    private static List<Value> replaced(List<Value> values, Map<Value, Value> substitutes) {
        return values.stream()
                .map(value -> substitutes.getOrDefault(value, value))
                .toList();
    }

    /** Variables that it makes. */
    default List<? extends Argument.Symbol> results() {
        if (this instanceof Input input) {
            return List.of(input.symbol());
        }
        if (this instanceof Parameter parameter) {
            return List.of(parameter.value());
        }
        if (this instanceof Call call) {
            return call.results();
        }
        if (this instanceof Choice choice) {
            return choice.results();
        }
        return ((Loop) this).variables();
    }

    /** Values that it takes; of a node with bodies, also those that the bodies make. */
    default Stream<Value> uses() {
        if (this instanceof Call call) {
            return call.arguments().stream().flatMap(Argument::values);
        }
        if (this instanceof Choice choice) {
            return Stream.of(
                            choice.condition().values(),
                            choice.yes().uses(),
                            choice.no().uses())
                    .flatMap(values -> values);
        }
        if (this instanceof Loop loop) {
            return Stream.of(
                            Stream.of(loop.rows()),
                            loop.start().stream(),
                            loop.body().uses())
                    .flatMap(values -> values);
        }
        return Stream.of();
    }

    /** Whether gradients may flow from what it takes to what it makes. */
    default boolean passesGradients() {
        return !(this instanceof Call call) || call.kind().differentiable;
    }

    /** The same node with some of the values that it takes replaced by others. */
    default Node replacing(Map<Value, Value> substitutes) {
        if (this instanceof Call call) {
            List<Argument> arguments = call.arguments().stream()
                    .map(argument -> argument.replacing(substitutes))
                    .toList();
            return new Call(call.kind(), call.function(), arguments, call.results(), call.unpacked());
        }
        if (this instanceof Choice choice) {
            return new Choice(
                    choice.condition().replacing(substitutes),
                    choice.yes().replacing(substitutes),
                    choice.no().replacing(substitutes),
                    choice.results());
        }
        if (this instanceof Loop loop) {
            return new Loop(
                    substitutes.getOrDefault(loop.rows(), loop.rows()),
                    loop.index(),
                    loop.variables(),
                    replaced(loop.start(), substitutes),
                    loop.body().replacing(substitutes));
        }
        return this;
    }
}
