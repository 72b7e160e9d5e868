package io.unifiedlatents.core.report;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reports side by side.
 *
 * @param entries the reports in the order given
 */
public record Comparison(List<Entry> entries) {
    private static final String LEGEND = "* best: its 95% interval overlaps no other's (intervals as measured, or 1.96"
            + " standard errors to each side); without a mark, the figures do not tell which is better\n";

    private static final int DIGEST_SHOWN = 12;

    /**
     * One of the reports.
     *
     * @param label tells it from the others
     * @param report what it says
     */
    public record Entry(String label, EvaluationReport report) {}

    /**
     * One figure in all reports.
     *
     * @param shared the figure in the first report that has it: name, unit, direction
     * @param cells value and error as text, one for each report
     * @param best index of the report that is better than all others beyond the errors; -1 where none is
     */
    record Row(Figure shared, List<String> cells, int best) {}

    /** Checks that they can be told apart. */
    public Comparison {
        entries = List.copyOf(entries);
        Check.setting(entries.size() >= 2, "--reports names %d report; a comparison needs two or more", entries.size());
        Set<String> labels = new HashSet<>();
        for (Entry entry : entries) {
            Check.setting(labels.add(entry.label()), "--reports names %s twice; name each report once", entry.label());
        }
    }

    /**
     * Reads reports.
     *
     * @param paths files, or directories with a {@value EvaluationReport#FILE}, on any Hadoop file system
     * @throws ConfigException where there is no report, or fewer than two
     * @throws IOException where the storage fails or a file is no report
     */
    public static Comparison read(List<String> paths, Configuration hadoop) throws IOException {
        List<EvaluationReport> reports = new ArrayList<>();
        for (String path : paths) {
            reports.add(readOne(path, hadoop));
        }
        Set<String> names = new LinkedHashSet<>();
        reports.forEach(report -> names.add(report.name()));
        List<String> labels = names.size() == reports.size() ? List.copyOf(names) : distinct(paths);
        return new Comparison(IntStream.range(0, paths.size())
                .mapToObj(i -> new Entry(labels.get(i), reports.get(i)))
                .toList());
    }

    private static EvaluationReport readOne(String path, Configuration hadoop) throws IOException {
        Storage place = Storage.at(path, hadoop);
        List<String> names = place.list();
        if (names.equals(List.of(new Path(path).getName()))) { // a file lists itself
            String json = new String(Storage.readFile(path, hadoop), StandardCharsets.UTF_8);
            return EvaluationReport.fromJson(json, place.toString());
        }
        Check.setting(
                names.contains(EvaluationReport.FILE),
                "--reports %s is neither a report nor a directory with a %s; name what Evaluate wrote",
                path,
                EvaluationReport.FILE);
        String file = place.path(EvaluationReport.FILE).toString();
        return EvaluationReport.fromJson(place.readText(EvaluationReport.FILE), file);
    }

    /** Paths without the directories that all of them share, at either end. */
    static List<String> distinct(List<String> paths) {
        List<List<String>> parts = new ArrayList<>();
        for (String path : paths) {
            parts.add(new ArrayList<>(Arrays.asList(path.split("/+"))));
        }
        strip(parts, path -> 0);
        strip(parts, path -> path.size() - 1);
        return parts.stream().map(path -> String.join("/", path)).toList();
    }

    private static void strip(List<List<String>> paths, Function<List<String>, Integer> at) {
        while (paths.stream().allMatch(path -> path.size() > 1)
                && paths.stream()
                                .map(path -> path.get(at.apply(path)))
                                .distinct()
                                .count()
                        == 1) {
            paths.forEach(path -> path.remove(at.apply(path).intValue()));
        }
    }

    /** How they were measured differently; empty where all were measured alike. */
    public List<Difference> measuredDifferently() {
        return Difference.between(cards(EvaluationCard::measured));
    }

    /** How what they judged differs. */
    public List<Difference> judgedDifferently() {
        return Difference.between(cards(EvaluationCard::judged));
    }

    List<Map<String, Object>> cards(Function<EvaluationCard, Map<String, Object>> part) {
        return entries.stream().map(entry -> part.apply(entry.report().card())).toList();
    }

    /**
     * Refuses what was not measured alike.
     *
     * @throws ConfigException that names every difference with its values
     */
    public void requireAlike() {
        List<Difference> unlike = measuredDifferently();
        if (!unlike.isEmpty()) {
            throw new ConfigException(
                    "these reports were not measured alike, so their figures do not compare:\n" + listed(unlike)
                            + "evaluate again with the same settings, or give --unlike to see them side by side");
        }
    }

    private String listed(List<Difference> differences) {
        StringBuilder text = new StringBuilder();
        for (Difference difference : differences) {
            text.append("  ").append(difference.key());
            for (int i = 0; i < entries.size(); i++) {
                text.append(i == 0 ? ": " : ", ")
                        .append(difference.values().get(i))
                        .append(" (" + entries.get(i).label() + ")");
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** Figures of all reports, in the order in which they first appear. */
    List<Row> rows() {
        Set<String> names = new LinkedHashSet<>();
        entries.forEach(entry -> entry.report().figures().forEach(figure -> names.add(figure.name())));
        return names.stream().map(this::row).toList();
    }

    private Row row(String name) {
        List<@Nullable Figure> figures = new ArrayList<>();
        entries.forEach(entry -> figures.add(entry.report().figure(name)));
        List<Figure> known = figures.stream().filter(Objects::nonNull).toList();
        int decimals = known.stream().mapToInt(FigureText::decimals).max().orElse(0);
        List<String> cells = figures.stream()
                .map(figure -> FigureText.withError(figure, decimals))
                .toList();
        Figure best = best(known);
        return new Row(known.get(0), cells, best == null ? -1 : figures.indexOf(best));
    }

    /** The one whose 95% interval lies on the better side of all others'; null where errors do not tell. */
    private static @Nullable Figure best(List<Figure> figures) {
        Better better = figures.get(0).better();
        List<Interval> spreads = new ArrayList<>();
        for (Figure figure : figures) {
            Interval spread = figure.spread();
            if (spread == null || better == null || figure.better() != better) {
                return null;
            }
            spreads.add(spread);
        }
        int best = 0;
        for (int i = 1; i < figures.size(); i++) {
            double gain = figures.get(i).value() - figures.get(best).value();
            best = (better == Better.HIGHER ? gain > 0 : gain < 0) ? i : best;
        }
        for (int i = 0; i < figures.size(); i++) {
            if (i != best && spreads.get(i).overlaps(spreads.get(best))) {
                return null;
            }
        }
        return figures.size() > 1 ? figures.get(best) : null;
    }

    /** Figures as rows, reports as columns, then how what they judged differs; for a console. */
    public String table() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(line(List.of("", ""), labels()));
        boolean marked = false;
        for (Row row : rows()) {
            List<String> texts = new ArrayList<>(row.cells());
            if (row.best() >= 0) {
                texts.set(row.best(), texts.get(row.best()) + " *");
                marked = true;
            }
            Figure shared = row.shared();
            cells.add(line(List.of(FigureText.title(shared), FigureText.arrow(shared.better())), texts));
        }
        StringBuilder text = new StringBuilder(aligned(cells));
        text.append(marked ? LEGEND : "");
        List<Difference> judged = judgedDifferently();
        if (!judged.isEmpty()) {
            List<List<String>> differences = new ArrayList<>();
            differences.add(line(List.of("judged"), labels()));
            for (Difference difference : judged) {
                List<String> values =
                        difference.values().stream().map(Comparison::brief).toList();
                differences.add(line(List.of(difference.key()), values));
            }
            text.append('\n').append(aligned(differences));
        }
        List<Difference> unlike = measuredDifferently();
        String warning =
                unlike.isEmpty() ? "" : "NOT MEASURED ALIKE, the figures do not compare:\n" + listed(unlike) + "\n";
        return warning + text.toString().stripTrailing();
    }

    /** Digests cut short, which still tell one from the other. */
    static String brief(String value) {
        return value.matches("[0-9a-f]{40,}") ? value.substring(0, DIGEST_SHOWN) + "…" : value;
    }

    private List<String> labels() {
        return entries.stream().map(Entry::label).toList();
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
