package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.config.Check;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A differentiating method cut into segments. Forward detaches what crosses a boundary, so that each segment is a graph
 * of its own, and keeps it; backward then goes through the segments one call at a time, last first, and hands from each
 * to the one before the gradients of what crossed the boundary between them.
 */
final class Segments {
    /**
     * One stretch of the forward pass.
     *
     * @param nodes of the script
     * @param inputs differentiable results of earlier segments, as this one sees them
     * @param outputs the same of this and earlier ones, as the next one takes them; of the last, the loss
     */
    private record Stretch(List<Node> nodes, List<Value> inputs, List<Value> outputs) {
        List<Node.Parameter> leaves() {
            return Gradients.leaves(nodes);
        }

        long begin() {
            return leaves().stream()
                    .mapToLong(leaf -> leaf.entry().offset())
                    .min()
                    .orElseThrow();
        }

        long end() {
            return leaves().stream().mapToLong(leaf -> leaf.entry().end()).max().orElseThrow();
        }
    }

    private final String method;
    private final Value gradient;
    private final List<Stretch> stretches = new ArrayList<>(); // in the order of forward
    private final List<Value> kept; // what forward returns

    /**
     * Cuts.
     *
     * @param method name of the method that is cut
     * @param nodes of forward up to the loss
     * @param boundaries numbers of nodes before each cut, ascending; a stretch without parameters joins the next
     * @param results what forward returns to its caller
     * @param gradient the flat gradient
     */
    Segments(
            String method,
            List<Node> nodes,
            List<Integer> boundaries,
            List<Value> results,
            Value loss,
            Value gradient) {
        this.method = method;
        this.gradient = gradient;
        List<Integer> starts = starts(nodes, boundaries);
        Map<Value, Integer> differentiable = differentiable(nodes);
        List<Set<Value>> needed = needed(nodes, loss);
        Map<Value, Value> seenAs = new HashMap<>(); // how the stretch at hand sees what crossed into it
        List<Value> inputs = List.of();
        List<Node> crossings = List.of();
        for (int i = 0; i < starts.size(); i++) {
            boolean last = i == starts.size() - 1;
            int end = last ? nodes.size() : starts.get(i + 1);
            List<Node> own = new ArrayList<>(crossings);
            nodes.subList(starts.get(i), end).forEach(node -> own.add(node.replacing(seenAs)));
            List<Value> outputs = new ArrayList<>();
            List<Value> nextInputs = new ArrayList<>();
            crossings = new ArrayList<>();
            for (Value value : last ? Set.<Value>of() : crossing(end, differentiable, needed)) {
                Value output = seenAs.getOrDefault(value, value);
                Value input = value.another();
                outputs.add(output);
                nextInputs.add(input);
                List<Argument> leaf = Argument.all(Argument.expression("torch.detach", output), true);
                crossings.add(new Node.Call(Node.Kind.DETACHED, "torch.requires_grad_", leaf, input));
                seenAs.put(value, input);
            }
            stretches.add(new Stretch(own, inputs, last ? List.of(loss) : outputs));
            inputs = nextInputs;
        }
        requireRanges();
        Set<Value> all = new LinkedHashSet<>(results);
        for (Stretch stretch : stretches) {
            stretch.leaves().forEach(leaf -> all.add(leaf.value()));
            all.addAll(stretch.inputs());
            all.addAll(stretch.outputs());
        }
        kept = List.copyOf(all);
    }

    /** First nodes of the stretches, such that each has parameters. */
    private static List<Integer> starts(List<Node> nodes, List<Integer> boundaries) {
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (int boundary : boundaries) {
            int start = starts.get(starts.size() - 1);
            if (!Gradients.leaves(nodes.subList(start, boundary)).isEmpty()
                    && !Gradients.leaves(nodes.subList(boundary, nodes.size())).isEmpty()) {
                starts.add(boundary);
            }
        }
        return starts;
    }

    /** Values through which a gradient flows, with the number of the node that makes them. */
    private static Map<Value, Integer> differentiable(List<Node> nodes) {
        Map<Value, Integer> made = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (node instanceof Node.Parameter
                    || (node.passesGradients() && node.uses().anyMatch(made::containsKey))) {
                for (Argument.Symbol result : node.results()) {
                    if (result instanceof Value value && value.dtype().isFloating()) {
                        made.put(value, i);
                    }
                }
            }
        }
        return made;
    }

    /** What each node takes, where the loss depends on what it makes; of other nodes, nothing. */
    private static List<Set<Value>> needed(List<Node> nodes, Value loss) {
        List<Set<Value>> taken = new ArrayList<>(Collections.nCopies(nodes.size(), Set.of()));
        Set<Argument.Symbol> needed = new HashSet<>();
        needed.add(loss);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (node.results().stream().anyMatch(needed::contains)) {
                Set<Value> uses = new LinkedHashSet<>(node.uses().toList());
                needed.addAll(uses);
                taken.set(i, uses);
            }
        }
        return taken;
    }

    /** Differentiable values made before a node that it or a later one needs, in the order of their use. */
    private static Set<Value> crossing(int node, Map<Value, Integer> differentiable, List<Set<Value>> needed) {
        Set<Value> crossing = new LinkedHashSet<>();
        needed.subList(node, needed.size())
                .forEach(values -> values.stream()
                        .filter(value -> differentiable.getOrDefault(value, node) < node)
                        .forEach(crossing::add));
        return crossing;
    }

    /** A segment's gradient can travel on its own only if it lies side by side. */
    private void requireRanges() {
        long end = 0;
        for (Stretch stretch : stretches) {
            Check.argument(
                    stretch.begin() == end,
                    "a segment's parameters lie in [%d, %d), behind %d; let each network ask for its parameters in the"
                            + " order of its boundaries",
                    stretch.begin(),
                    stretch.end(),
                    end);
            end = stretch.end();
        }
    }

    /** The parts of backward in the order in which they run; none where there is but one. */
    List<Graph.Segment> segments() {
        return backwards()
                .mapToObj(k -> new Graph.Segment(
                        backwardName(k),
                        stretches.get(k).begin(),
                        stretches.get(k).end()))
                .toList();
    }

    private IntStream backwards() {
        int count = stretches.size();
        return IntStream.range(0, count > 1 ? count : 0).map(k -> count - 1 - k);
    }

    private String backwardName(int stretch) {
        return method + "_backward" + stretch;
    }

    /**
     * The methods that run forward and each part of backward; none where there is but one part.
     *
     * @param rest nodes behind the loss
     */
    List<Method> methods(List<Node> rest) {
        List<Method> methods = new ArrayList<>();
        if (stretches.size() > 1) {
            List<Node> forward = new ArrayList<>();
            stretches.forEach(stretch -> forward.addAll(stretch.nodes()));
            forward.addAll(rest);
            methods.add(new Method(method + Graph.FORWARD, forward, kept, true, true));
        }
        backwards().mapToObj(this::backward).forEach(methods::add);
        return methods;
    }

    /** The method that differentiates a stretch: takes the gradient and the list {@code kept}. */
    private Method backward(int index) {
        Stretch stretch = stretches.get(index);
        Handle list = new Handle("kept");
        List<Argument> upstream = IntStream.range(0, stretch.outputs().size())
                .mapToObj(i -> element(list, kept.size() + i))
                .toList();
        boolean last = index == stretches.size() - 1;
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node.Input(gradient, Node.Input.TENSOR));
        nodes.add(new Node.Input(list, Node.Input.LIST));
        List<Argument> handedOn = Gradients.append(
                nodes,
                stretch.outputs(),
                last
                        ? Argument.none()
                        : Argument.expression("annotate", new Argument.Literal("List[Optional[Tensor]]"), upstream),
                stretch.inputs(),
                stretch.leaves(),
                gradient,
                value -> element(list, kept.indexOf(value)));
        return new Method(backwardName(index), nodes, handedOn, true, true);
    }

    private static Argument element(Handle list, int index) {
        return Argument.expression("torch.__getitem__", list, index);
    }
}
