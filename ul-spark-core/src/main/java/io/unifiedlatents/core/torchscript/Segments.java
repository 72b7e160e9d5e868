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
 * A differentiating method cut into segments. Forward detaches the values that cross a boundary, so that each segment
 * is a graph of its own, and returns them; backward then runs one call a segment, the last segment first. The gradients
 * of the values that crossed a boundary are passed from the segment behind it to the segment in front.
 */
final class Segments {
    /**
     * The forward pass between two boundaries.
     *
     * @param nodes of the script
     * @param inputs differentiable results of earlier segments, detached
     * @param outputs differentiable results of this and earlier segments that the next one takes; of the last, the loss
     */
    private record Stretch(List<Node> nodes, List<Value> inputs, List<Value> outputs) {
        List<Node.Parameter> parameters() {
            return Gradients.parameters(nodes);
        }

        Graph.Segment segment(String method) {
            List<ParameterLayout.Entry> entries =
                    parameters().stream().map(Node.Parameter::entry).toList();
            return new Graph.Segment(
                    method,
                    entries.stream()
                            .mapToLong(ParameterLayout.Entry::offset)
                            .min()
                            .orElseThrow(),
                    entries.stream().mapToLong(ParameterLayout.Entry::end).max().orElseThrow());
        }
    }

    private final String method;
    private final Value gradient;
    private final List<Stretch> stretches = new ArrayList<>(); // in the order of forward
    private final List<Value> kept; // the values that forward returns
    private final Map<Value, Value> detached = new HashMap<>(); // values that crossed, as the last segment sees them

    /**
     * Cuts a method.
     *
     * @param method name of the method
     * @param nodes of forward up to the loss
     * @param boundaries numbers of nodes before each cut, ascending; a stretch without parameters joins the next
     * @param results values that forward returns to its caller
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
        List<Value> inputs = List.of();
        List<Node> crossings = List.of();
        for (int i = 0; i < starts.size(); i++) {
            boolean last = i == starts.size() - 1;
            int end = last ? nodes.size() : starts.get(i + 1);
            List<Node> own = new ArrayList<>(crossings);
            own.addAll(nodes.subList(starts.get(i), end));
            List<Value> outputs = new ArrayList<>();
            List<Value> nextInputs = new ArrayList<>();
            crossings = new ArrayList<>();
            for (Value value : last ? Set.<Value>of() : crossing(end, differentiable, needed)) {
                Value output = detached.getOrDefault(value, value);
                Value input = value.another();
                outputs.add(output);
                nextInputs.add(input);
                List<Argument> leaf = Argument.all(Argument.call("torch.detach", output), true);
                crossings.add(new Node.Call(Node.Kind.DETACHED, "torch.requires_grad_", leaf, input));
                crossings.add(new Node.Replacement(value, input));
                detached.put(value, input);
            }
            stretches.add(new Stretch(own, inputs, last ? List.of(loss) : outputs));
            inputs = nextInputs;
        }
        Set<Value> all = new LinkedHashSet<>(results);
        for (Stretch stretch : stretches) {
            stretch.parameters().forEach(parameter -> all.add(parameter.value()));
            all.addAll(stretch.inputs());
            all.addAll(stretch.outputs());
        }
        kept = List.copyOf(all);
    }

    /** The first nodes of the stretches, such that each has parameters. */
    private static List<Integer> starts(List<Node> nodes, List<Integer> boundaries) {
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (int boundary : boundaries) {
            int start = starts.get(starts.size() - 1);
            if (!Gradients.parameters(nodes.subList(start, boundary)).isEmpty()
                    && !Gradients.parameters(nodes.subList(boundary, nodes.size()))
                            .isEmpty()) {
                starts.add(boundary);
            }
        }
        return starts;
    }

    /** Values through which a gradient flows, with the number of the node that sets them. */
    private static Map<Value, Integer> differentiable(List<Node> nodes) {
        Map<Value, Integer> setBy = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (node instanceof Node.Parameter
                    || (node.passesGradients() && node.uses().anyMatch(setBy::containsKey))) {
                for (Argument.Symbol result : node.results()) {
                    if (result instanceof Value value && value.dtype().isFloating()) {
                        setBy.put(value, i);
                    }
                }
            }
        }
        return setBy;
    }

    /** For each node, the values that it uses if the loss depends on its results, else none. */
    private static List<Set<Value>> needed(List<Node> nodes, Value loss) {
        List<Set<Value>> used = new ArrayList<>(Collections.nCopies(nodes.size(), Set.of()));
        Set<Argument.Symbol> needed = new HashSet<>();
        needed.add(loss);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (node.results().stream().anyMatch(needed::contains)) {
                Set<Value> uses = new LinkedHashSet<>(node.uses().toList());
                needed.addAll(uses);
                used.set(i, uses);
            }
        }
        return used;
    }

    /** Differentiable values set before a node that it or a later one needs, in the order of their use. */
    private static Set<Value> crossing(int node, Map<Value, Integer> differentiable, List<Set<Value>> needed) {
        Set<Value> crossing = new LinkedHashSet<>();
        needed.subList(node, needed.size())
                .forEach(values -> values.stream()
                        .filter(value -> differentiable.getOrDefault(value, node) < node)
                        .forEach(crossing::add));
        return crossing;
    }

    /**
     * The parts of backward in the order in which they run; none where there is but one.
     *
     * @throws IllegalArgumentException unless the parameters of each segment are one range of the layout, without which
     *     its gradient could not be sent on its own
     */
    List<Graph.Segment> segments() {
        List<Graph.Segment> segments = new ArrayList<>();
        long end = 0;
        for (int i = 0; i < stretches.size(); i++) {
            Graph.Segment segment = stretches.get(i).segment(backwardName(i));
            Check.argument(
                    segment.begin() == end,
                    "a segment's parameters lie in [%d, %d), behind %d; let each network ask for its parameters in the"
                            + " order of its boundaries",
                    segment.begin(),
                    segment.end(),
                    end);
            end = segment.end();
            segments.add(0, segment);
        }
        return segments.size() > 1 ? segments : List.of();
    }

    private String backwardName(int stretch) {
        return method + "_backward" + stretch;
    }

    /**
     * The text of the methods that run forward and each part of backward; empty where there is but one part.
     *
     * @param rest nodes behind the loss
     */
    String text(List<Node> rest) {
        int count = segments().size();
        if (count == 0) {
            return "";
        }
        List<Node> forward = new ArrayList<>();
        stretches.forEach(stretch -> forward.addAll(stretch.nodes()));
        detached.keySet().forEach(value -> forward.add(new Node.Replacement(value, value)));
        forward.addAll(rest);
        StringBuilder text = new StringBuilder(Method.listText(method + Graph.FORWARD, forward, kept));
        for (int i = count - 1; i >= 0; i--) {
            text.append(backward(i));
        }
        return text.toString();
    }

    /** The method that differentiates a stretch: takes the gradient and the list {@code kept}. */
    private String backward(int index) {
        Stretch stretch = stretches.get(index);
        Handle list = new Handle("kept");
        List<Argument> upstream = IntStream.range(0, stretch.outputs().size())
                .mapToObj(i -> element(list, kept.size() + i))
                .toList();
        boolean last = index == stretches.size() - 1;
        Argument optional = new Argument.Expression("List[Optional[Tensor]]", List.of(), "");
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node.Input(gradient, Node.Input.TENSOR));
        nodes.add(new Node.Input(list, Node.Input.LIST));
        List<Argument> gradients = Gradients.append(
                nodes,
                stretch.outputs(),
                last ? Argument.none() : Argument.call("annotate", optional, upstream),
                stretch.inputs(),
                stretch.parameters(),
                gradient,
                value -> element(list, kept.indexOf(value)));
        return Method.listText(backwardName(index), nodes, gradients);
    }

    private static Argument element(Handle list, int index) {
        return Argument.call("torch.__getitem__", list, index);
    }
}
