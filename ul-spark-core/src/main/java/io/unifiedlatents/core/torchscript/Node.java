package io.unifiedlatents.core.torchscript;

import java.util.List;
import java.util.stream.Stream;

/** One step of a method: the values that it uses and the variables that it sets. Nodes run in their order. */
sealed interface Node {
    /** Properties of the result of an operation. */
    enum Kind {
        /** A tensor with memory of its own, through which gradients flow. */
        COMPUTED(true, true),
        /** A view of another tensor's memory, through which gradients flow. */
        VIEW(false, true),
        /** A tensor with memory of its own that does not depend on operands smoothly: noise, zeros, comparisons. */
        CONSTANT(true, false),
        /** A view through which no gradient flows. */
        DETACHED(false, false),
        /** An operand itself, whose elements have been changed. */
        IN_PLACE(false, false);

        final boolean ownsMemory;
        final boolean differentiable;

        Kind(boolean ownsMemory, boolean differentiable) {
            this.ownsMemory = ownsMemory;
            this.differentiable = differentiable;
        }
    }

    /** Variables that the node sets. */
    List<? extends Argument.Symbol> results();

    /** Values that the node uses; of a node with bodies, also those that the bodies set. */
    default Stream<Value> uses() {
        return Stream.of();
    }

    /** Whether gradients may flow from the values that the node uses to its results. */
    default boolean passesGradients() {
        return true;
    }

    /** An argument of the method. */
    record Input(Argument.Symbol variable, String type) implements Node {
        static final String TENSOR = "Tensor";
        static final String LIST = "List[Tensor]";

        @Override
        public List<Argument.Symbol> results() {
            return List.of(variable);
        }
    }

    /**
     * A trainable parameter: a view of the flat vector.
     *
     * @param flat the vector in the parameter's dtype
     * @param entry the parameter's range of the vector
     */
    record Parameter(Value value, Value flat, ParameterLayout.Entry entry) implements Node {
        @Override
        public List<Value> results() {
            return List.of(value);
        }
    }

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

        @Override
        public Stream<Value> uses() {
            return arguments.stream().flatMap(Argument::values);
        }

        @Override
        public boolean passesGradients() {
            return kind.differentiable;
        }
    }

    /**
     * A conditional: one of two bodies, chosen when the script runs.
     *
     * @param condition a truth value
     * @param results the last values of the chosen body
     */
    record Choice(Argument condition, Body yes, Body no, List<Value> results) implements Node {
        @Override
        public Stream<Value> uses() {
            return Stream.of(condition.values(), yes.uses(), no.uses()).flatMap(values -> values);
        }
    }

    /**
     * A body that runs once for each row of a tensor.
     *
     * @param index of the row
     * @param results the variables of the loop: in the body as the previous row left them, behind the loop as the last
     * @param start the variables before the first row
     * @param body ends with the variables after a row
     */
    record Loop(Value rows, Handle index, List<Value> results, List<Value> start, Body body) implements Node {
        @Override
        public Stream<Value> uses() {
            return Stream.of(Stream.of(rows), start.stream(), body.uses()).flatMap(values -> values);
        }
    }

    /** A node from which on later nodes use another variable in place of a value. */
    record Replacement(Value value, Value by) implements Node {
        @Override
        public List<Value> results() {
            return List.of();
        }
    }

    /** The nodes of a conditional or loop, and the values that they end with. */
    record Body(List<Node> nodes, List<Value> ends) {
        private Stream<Value> uses() {
            return Stream.concat(nodes.stream().flatMap(Node::uses), ends.stream());
        }
    }
}
