package io.unifiedlatents.core.report;

import java.util.ArrayList;
import java.util.List;

/** A comparison for a console. */
final class ComparisonTable {
    private static final String LEGEND = "* best: its 95% interval overlaps no other's (intervals as measured, or 1.96"
            + " standard errors to each side); without a mark, the figures do not tell which is better\n";

    private static final int DIGEST_SHOWN = 12;

    private ComparisonTable() {}

    /** See {@link Comparison#table}. */
    static String of(Comparison comparison) {
        StringBuilder text = new StringBuilder();
        if (!comparison.alike()) {
            text.append("NOT MEASURED ALIKE, the figures do not compare:\n" + comparison.unlike() + "\n");
        }
        text.append(figures(comparison));
        List<String> warnings = comparison.warnings();
        text.append(warnings.isEmpty() ? "" : "\nwarnings\n");
        warnings.forEach(warning -> text.append("  " + warning + "\n"));
        return text.append(judged(comparison)).toString().stripTrailing();
    }

    private static String figures(Comparison comparison) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(line(List.of("", ""), comparison.labels()));
        boolean marked = false;
        for (ComparedFigure figure : ComparedFigure.of(comparison)) {
            List<String> texts = new ArrayList<>(figure.cells());
            if (figure.best() >= 0) {
                texts.set(figure.best(), texts.get(figure.best()) + " *");
                marked = true;
            }
            Figure shared = figure.shared();
            lines.add(line(List.of(FigureText.title(shared), FigureText.arrow(shared.better())), texts));
        }
        return aligned(lines) + (marked ? LEGEND : "");
    }

    private static String judged(Comparison comparison) {
        List<Difference> judged = comparison.judgedDifferently();
        if (judged.isEmpty()) {
            return "";
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(line(List.of("judged"), comparison.labels()));
        for (Difference difference : judged) {
            List<String> values =
                    difference.values().stream().map(ComparisonTable::brief).toList();
            lines.add(line(List.of(difference.key()), values));
        }
        return "\n" + aligned(lines);
    }

    /** Digests cut short, which still tell one from the other. */
    static String brief(String value) {
        return value.matches("[0-9a-f]{40,}") ? value.substring(0, DIGEST_SHOWN) + "…" : value;
    }

    private static List<String> line(List<String> heads, List<String> texts) {
        List<String> line = new ArrayList<>(heads);
        line.addAll(texts);
        return line;
    }

    private static String aligned(List<List<String>> lines) {
        int[] widths = new int[lines.stream().mapToInt(List::size).max().orElse(0)];
        for (List<String> line : lines) {
            for (int i = 0; i < line.size(); i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                row.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + 2));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
