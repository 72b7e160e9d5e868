package io.unifiedlatents.dataprep.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The problems of the data sets of a directory.
 *
 * @param datasets their names, {@code .} where the directory is one itself
 * @param shards number of shards that their manifests list
 * @param rows number of rows that could be read
 * @param counts number of problems by kind, without zeros
 * @param first the first problems by place, at most as many as were asked for
 */
public record CheckReport(
        List<String> datasets, int shards, long rows, Map<Problem.Kind, Long> counts, List<Problem> first) {
    private static final int ID_WIDTH = 32;

    /** Copies. */
    public CheckReport {
        datasets = List.copyOf(datasets);
        counts = counts.isEmpty() ? Map.of() : new EnumMap<>(counts);
        first = List.copyOf(first);
    }

    /** Whether nothing is wrong. */
    public boolean sound() {
        return counts.isEmpty();
    }

    /** A table of the first problems for a console, and a last line with the counts. */
    public String table() {
        StringBuilder text = new StringBuilder();
        if (!first.isEmpty()) {
            int width = first.stream()
                    .mapToInt(problem -> problem.place().file().length())
                    .max()
                    .orElse(1);
            String format = "%-" + width + "s  %5s  %5s  %-" + ID_WIDTH + "s  %s%n";
            text.append(String.format(format, "file", "group", "row", "id", "what is wrong"));
            for (Problem problem : first) {
                Place place = problem.place();
                text.append(String.format(
                        format, place.file(), index(place.group()), index(place.row()), problem.id(), problem.what()));
            }
            long more = counts.values().stream().mapToLong(Long::longValue).sum() - first.size();
            text.append(more > 0 ? String.format("… and %,d more%n", more) : "");
        }
        return text.append(String.format(
                        "%,d rows in %,d shards of %s: %s", rows, shards, String.join(", ", datasets), summary()))
                .toString();
    }

    private String summary() {
        if (sound()) {
            return "as they should be";
        }
        List<String> parts = new ArrayList<>();
        counts.forEach((kind, count) -> parts.add(String.format("%,d × %s", count, kind.text())));
        return "wrong are " + String.join(", ", parts);
    }

    private static String index(int index) {
        return index < 0 ? "" : Integer.toString(index);
    }
}
