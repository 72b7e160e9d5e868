package io.unifiedlatents.core.report;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Reports side by side.
 *
 * @param entries the reports in the order given; one alone is shown as it is
 */
public record Comparison(List<Entry> entries) {
    /**
     * One of the reports.
     *
     * @param label tells it from the others
     * @param report what it says
     */
    public record Entry(String label, EvaluationReport report) {}

    /** Checks that they can be told apart. */
    public Comparison {
        entries = List.copyOf(entries);
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
        Check.setting(paths.size() >= 2, "--reports names %d report; a comparison needs two or more", paths.size());
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

    /** The differences in how they were measured; empty where all were measured alike. */
    public List<Difference> measuredDifferently() {
        return Difference.between(cards(EvaluationCard::measured));
    }

    boolean alike() {
        return measuredDifferently().isEmpty();
    }

    /** The differences in what they judged. */
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
        if (!alike()) {
            throw new ConfigException("these reports were not measured alike, so their figures do not compare:\n"
                    + unlike() + "evaluate again with the same settings, or give --unlike to see them side by side");
        }
    }

    /** One line for every difference in how they were measured, with all values. */
    String unlike() {
        StringBuilder text = new StringBuilder();
        for (Difference difference : measuredDifferently()) {
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

    /** Every warning once, behind those that have it. */
    List<String> warnings() {
        Map<String, List<String>> labels = new LinkedHashMap<>();
        for (Entry entry : entries) {
            for (String warning : entry.report().warnings()) {
                labels.computeIfAbsent(warning, any -> new ArrayList<>()).add(entry.label());
            }
        }
        List<String> texts = new ArrayList<>();
        labels.forEach((warning, of) ->
                texts.add((of.size() == entries.size() ? "all" : String.join(", ", of)) + ": " + warning));
        return texts;
    }

    List<String> labels() {
        return entries.stream().map(Entry::label).toList();
    }

    /**
     * Figures as rows, reports as columns; above them how they were measured differently, below them their warnings and
     * how what they judged differs. For a console.
     */
    public String table() {
        return ComparisonTable.of(this);
    }
}
