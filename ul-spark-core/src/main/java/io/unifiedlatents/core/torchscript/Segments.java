package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.config.Check;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A differentiating method cut into segments. Forward detaches what crosses a boundary, so that each segment is a graph
 * of its own, and keeps it; backward then goes through the segments one call at a time, last first, and hands from each
 * to the one before the gradients of what crossed the boundary between them.
 */
final class Segments {
    /** A name that is not a function's, whose names follow a dot. */
    private static final Pattern NAME = Pattern.compile("(?<![.\\w])[A-Za-z_]\\w*");

    /**
     * A parameter in the script.
     *
     * @param name of the variable
     * @param entry its place in the flat vector
     * @param line number of lines written when it was first asked for
     */
    record Leaf(String name, ParameterLayout.Entry entry, int line) {}

    /**
     * One stretch of the forward pass.
     *
     * @param leaves parameters first used here
     * @param lines of the script
     * @param inputs differentiable results of earlier segments, as this one sees them
     * @param outputs the same of this and earlier ones, as the next one takes them; of the last, the loss
     */
    private record Segment(List<Leaf> leaves, List<String> lines, List<String> inputs, List<String> outputs) {
        long begin() {
            return leaves.stream()
                    .mapToLong(leaf -> leaf.entry().offset())
                    .min()
                    .orElseThrow();
        }

        long end() {
            return leaves.stream().mapToLong(leaf -> leaf.entry().end()).max().orElseThrow();
        }
    }

    private final String gradient;
    private final List<Segment> segments = new ArrayList<>(); // in the order of forward
    private final List<String> kept; // what forward returns

    /**
     * Cuts.
     *
     * @param lines of forward, {@code name = expression}, up to the loss
     * @param boundaries numbers of lines before each cut, ascending; a stretch without parameters joins the next
     * @param results what forward returns to its caller
     * @param gradient name of the flat gradient
     */
    Segments(
            List<String> lines,
            List<Integer> boundaries,
            List<Leaf> leaves,
            List<String> results,
            String loss,
            String gradient) {
        this.gradient = gradient;
        List<Integer> starts = starts(boundaries, leaves);
        Map<String, Integer> differentiable = differentiable(lines, leaves);
        List<Set<String>> operands = neededOperands(lines, loss);
        Map<String, String> seenAs = new HashMap<>(); // how the segment at hand calls what crossed into it
        List<String> inputs = List.of();
        List<String> crossings = List.of();
        for (int i = 0; i < starts.size(); i++) {
            int start = starts.get(i);
            int end = i + 1 < starts.size() ? starts.get(i + 1) : lines.size();
            List<String> own = new ArrayList<>(crossings);
            lines.subList(start, end)
                    .forEach(line -> own.add(target(line) + " = " + renamed(expression(line), seenAs)));
            List<String> outputs = new ArrayList<>();
            List<String> nextInputs = new ArrayList<>();
            crossings = new ArrayList<>();
            for (String name : end == lines.size() ? List.<String>of() : crossing(end, differentiable, operands)) {
                String output = seenAs.getOrDefault(name, name);
                String input = name + "__" + (i + 1);
                outputs.add(output);
                nextInputs.add(input);
                crossings.add(input + " = torch.requires_grad_(torch.detach(" + output + "), True)");
                seenAs.put(name, input);
            }
            segments.add(new Segment(
                    leaves.stream()
                            .filter(leaf -> start <= leaf.line() && leaf.line() < end)
                            .toList(),
                    own,
                    inputs,
                    end == lines.size() ? List.of(loss) : outputs));
            inputs = nextInputs;
        }
        requireRanges();
        Set<String> all = new LinkedHashSet<>(results);
        for (Segment segment : segments) {
            segment.leaves().forEach(leaf -> all.add(leaf.name()));
            all.addAll(segment.inputs());
            all.addAll(segment.outputs());
        }
        kept = List.copyOf(all);
    }

    /** Differentiable names made before a line that it or a later one needs. */
    private static Set<String> crossing(int line, Map<String, Integer> differentiable, List<Set<String>> operands) {
        Set<String> crossing = new LinkedHashSet<>();
        operands.subList(line, operands.size())
                .forEach(names -> names.stream()
                        .filter(name -> differentiable.getOrDefault(name, line) < line)
                        .forEach(crossing::add));
        return crossing;
    }

    private static String renamed(String expression, Map<String, String> names) {
        return NAME.matcher(expression).replaceAll(match -> names.getOrDefault(match.group(), match.group()));
    }

    /** First lines of the segments, such that each has parameters. */
    private static List<Integer> starts(List<Integer> boundaries, List<Leaf> leaves) {
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (int boundary : boundaries) {
            int start = starts.get(starts.size() - 1);
            if (leaves.stream().anyMatch(leaf -> start <= leaf.line() && leaf.line() < boundary)
                    && leaves.stream().anyMatch(leaf -> boundary <= leaf.line())) {
                starts.add(boundary);
            }
        }
        return starts;
    }

    private static Set<String> names(String expression) {
        return new LinkedHashSet<>(
                NAME.matcher(expression).results().map(MatchResult::group).toList());
    }

    private static String target(String line) {
        return line.substring(0, line.indexOf(" = "));
    }

    private static String expression(String line) {
        return line.substring(line.indexOf(" = ") + 3);
    }

    /** Names through which a gradient flows, with the line that makes them. */
    private static Map<String, Integer> differentiable(List<String> lines, List<Leaf> leaves) {
        Map<String, Integer> made = new LinkedHashMap<>();
        leaves.forEach(leaf -> made.put(leaf.name(), leaf.line()));
        for (int i = 0; i < lines.size(); i++) {
            String expression = expression(lines.get(i));
            if (!expression.startsWith("torch.detach(")
                    && names(expression).stream().anyMatch(made::containsKey)) {
                made.put(target(lines.get(i)), i);
            }
        }
        return made;
    }

    /** The operands of each line that the loss depends on; of other lines, none. */
    private static List<Set<String>> neededOperands(List<String> lines, String loss) {
        List<Set<String>> operands = new ArrayList<>();
        Set<String> needed = new HashSet<>(Set.of(loss));
        for (int i = lines.size() - 1; i >= 0; i--) {
            Set<String> names = needed.contains(target(lines.get(i))) ? names(expression(lines.get(i))) : Set.of();
            needed.addAll(names);
            operands.add(0, names);
        }
        return operands;
    }

    /** A segment's gradient can travel on its own only if it lies side by side. */
    private void requireRanges() {
        long end = 0;
        for (Segment segment : segments) {
            Check.argument(
                    segment.begin() == end,
                    "a segment's parameters lie in [%d, %d), behind %d; let each network ask for its parameters in the"
                            + " order of its boundaries",
                    segment.begin(),
                    segment.end(),
                    end);
            end = segment.end();
        }
    }

    int count() {
        return segments.size();
    }

    long begin(int segment) {
        return segments.get(segment).begin();
    }

    long end(int segment) {
        return segments.get(segment).end();
    }

    /** What forward returns, in this order; the caller's outputs are first. */
    List<String> kept() {
        return kept;
    }

    /** Lines of forward up to the loss. */
    List<String> forward() {
        return segments.stream().flatMap(segment -> segment.lines().stream()).toList();
    }

    /** Body of the method that differentiates a segment: takes the gradient and the list {@code kept}. */
    List<String> backward(int index) {
        Segment segment = segments.get(index);
        List<String> upstream = new ArrayList<>();
        for (int i = 0; i < segment.outputs().size(); i++) {
            upstream.add("kept[" + (kept.size() + i) + "]");
        }
        List<String> wanted = new ArrayList<>(segment.inputs());
        segment.leaves().forEach(leaf -> wanted.add(leaf.name()));
        boolean last = index == segments.size() - 1;
        List<String> body = new ArrayList<>();
        body.add("gs = torch.grad(" + fromKept(segment.outputs()) + ", " + fromKept(wanted) + ", "
                + (last ? "None" : "annotate(List[Optional[Tensor]], " + upstream + ")") + ", None, False, False)");
        body.addAll(accumulation(segment.leaves(), gradient, segment.inputs().size()));
        List<String> handedOn = new ArrayList<>();
        for (int i = 0; i < segment.inputs().size(); i++) {
            handedOn.add("unchecked_cast(Tensor, gs[" + i + "])");
        }
        body.add("return annotate(List[Tensor], " + handedOn + ")");
        return body;
    }

    private List<String> fromKept(List<String> names) {
        return names.stream().map(name -> "kept[" + kept.indexOf(name) + "]").toList();
    }

    /** Lines that add the results {@code gs} of {@code torch.grad} from index {@code first} on onto their places. */
    static List<String> accumulation(List<Leaf> leaves, String gradient, int first) {
        List<String> lines = new ArrayList<>();
        int index = first;
        for (Leaf leaf : leaves) {
            lines.add(String.format(
                    "_g = torch.add_(torch.slice(%s, 0, %d, %d, 1), torch.reshape(unchecked_cast(Tensor, gs[%d]), [-1]))",
                    gradient, leaf.entry().offset(), leaf.entry().end(), index++));
        }
        return lines;
    }
}
