package io.unifiedlatents.core.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Nodes that differentiate, and add what they find onto the flat gradient. */
final class Gradients {
    private static final Argument ANY = new Argument.Literal("Tensor");

    private Gradients() {}

    /**
     * Nodes that add the gradient of every parameter of a method.
     *
     * @param forward nodes up to the loss
     * @param flat float32 vector in the order of the layout
     */
    static List<Node> accumulate(List<Node> forward, Value loss, Value flat) {
        List<Node> nodes = new ArrayList<>();
        append(nodes, List.of(loss), Argument.none(), List.of(), leaves(forward), flat, value -> value);
        return nodes;
    }

    /** Parameters among some nodes, in order. */
    static List<Node.Parameter> leaves(List<Node> nodes) {
        return nodes.stream()
                .filter(Node.Parameter.class::isInstance)
                .map(Node.Parameter.class::cast)
                .toList();
    }

    /**
     * Appends nodes that differentiate.
     *
     * @param of what is differentiated
     * @param upstream gradients of the loss with respect to these, or none where they are the loss
     * @param inputs what is differentiated by, besides parameters
     * @param leaves parameters whose gradients are added onto {@code flat}
     * @param place how the method sees a value of forward
     * @return gradients of the inputs
     */
    static List<Argument> append(
            List<Node> nodes,
            List<Value> of,
            Argument upstream,
            List<Value> inputs,
            List<Node.Parameter> leaves,
            Value flat,
            Function<Value, Argument> place) {
        List<Value> wanted = new ArrayList<>(inputs);
        leaves.forEach(leaf -> wanted.add(leaf.value()));
        List<Handle> found = wanted.stream()
                .map(value -> new Handle("gradient." + value.path()))
                .toList();
        List<Argument> arguments = Argument.all(
                of.stream().map(place).toList(),
                wanted.stream().map(place).toList(),
                upstream,
                Argument.none(),
                false,
                false);
        nodes.add(new Node.Call(Node.Kind.CONSTANT, "torch.grad", arguments, found, true));
        List<Argument> gradients = found.stream()
                .map(gradient -> Argument.expression("unchecked_cast", ANY, gradient))
                .toList();
        for (int i = 0; i < leaves.size(); i++) {
            ParameterLayout.Entry entry = leaves.get(i).entry();
            Argument target = Argument.expression("torch.slice", flat, 0, entry.offset(), entry.end(), 1);
            Argument added = Argument.expression("torch.reshape", gradients.get(inputs.size() + i), new int[] {-1});
            nodes.add(new Node.Call(
                    Node.Kind.IN_PLACE, "torch.add_", List.of(target, added), new Handle("sum." + entry.name())));
        }
        return gradients.subList(0, inputs.size());
    }
}
