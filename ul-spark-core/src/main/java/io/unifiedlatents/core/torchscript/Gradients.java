package io.unifiedlatents.core.torchscript;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Nodes that differentiate and add gradients of parameters onto the flat gradient. */
final class Gradients {
    private static final Argument TENSOR = new Argument.Expression("Tensor", List.of(), "");

    private Gradients() {}

    /** Parameters among some nodes, in order. */
    static List<Node.Parameter> parameters(List<Node> nodes) {
        return nodes.stream()
                .filter(Node.Parameter.class::isInstance)
                .map(Node.Parameter.class::cast)
                .toList();
    }

    /**
     * Appends nodes that differentiate.
     *
     * @param outputs values that are differentiated
     * @param upstream gradients of the loss with respect to the outputs, or none where the loss is the output
     * @param inputs values with respect to which gradients are returned
     * @param parameters whose gradients are added onto {@code flat}
     * @param flat float32 vector in the order of the layout
     * @param reference how the method refers to a value of forward
     * @return gradients of the inputs
     */
    static List<Argument> append(
            List<Node> nodes,
            List<Value> outputs,
            Argument upstream,
            List<Value> inputs,
            List<Node.Parameter> parameters,
            Value flat,
            Function<Value, Argument> reference) {
        List<Value> sources = Stream.concat(inputs.stream(), parameters.stream().map(Node.Parameter::value))
                .toList();
        List<Handle> found = sources.stream()
                .map(value -> new Handle("gradient." + value.path()))
                .toList();
        List<Argument> arguments = Argument.all(
                outputs.stream().map(reference).toList(),
                sources.stream().map(reference).toList(),
                upstream,
                Argument.none(),
                false,
                false);
        nodes.add(new Node.Call(Node.Kind.CONSTANT, "torch.grad", arguments, found, true));
        List<Argument> gradients = found.stream()
                .map(gradient -> Argument.call("unchecked_cast", TENSOR, gradient))
                .toList();
        for (int i = 0; i < parameters.size(); i++) {
            ParameterLayout.Entry entry = parameters.get(i).entry();
            Argument target = Argument.call("torch.slice", flat, 0, entry.offset(), entry.end(), 1);
            Argument added = Argument.call("torch.reshape", gradients.get(inputs.size() + i), new int[] {-1});
            nodes.add(new Node.Call(
                    Node.Kind.IN_PLACE, "torch.add_", List.of(target, added), new Handle("sum." + entry.name())));
        }
        return gradients.subList(0, inputs.size());
    }
}
