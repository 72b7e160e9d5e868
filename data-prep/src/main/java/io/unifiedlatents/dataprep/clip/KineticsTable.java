package io.unifiedlatents.dataprep.clip;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.dataprep.source.CsvRows;
import io.unifiedlatents.dataprep.source.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * A table of Kinetics: CSV with a header that names {@code label}, {@code youtube_id}, {@code time_start},
 * {@code time_end} and, not always, {@code split}, in any order and among others.
 *
 * <p>Files are found by name, in whatever directories: {@code <youtube_id>_<time_start>_<time_end>.mp4} with times of
 * six digits has been cut to the labelled part, {@code <youtube_id>.mp4} is the whole video. Directories of the path,
 * of splits and of labels with spaces or underscores, decide only between rows of the same name.
 */
public final class KineticsTable implements Serializable {
    private static final List<String> REQUIRED = List.of("label", "youtube_id", "time_start", "time_end");
    private static final String SPLIT = "split";
    private static final Pattern CUT = Pattern.compile("(.+)_(\\d{6})_(\\d{6})");
    private static final Map<String, String> SPLITS = Map.of(
            "train", "train",
            "training", "train",
            "val", "validation",
            "validate", "validation",
            "validation", "validation",
            "test", "test",
            "testing", "test");

    private final List<KineticsRow> rows;
    private final Map<String, List<KineticsRow>> cut = new HashMap<>();
    private final Map<String, List<KineticsRow>> whole = new HashMap<>();

    private KineticsTable(List<KineticsRow> rows) {
        this.rows = List.copyOf(rows);
        for (KineticsRow row : rows) {
            cut.computeIfAbsent(cutName(row), name -> new ArrayList<>()).add(row);
            whole.computeIfAbsent(row.youtubeId(), name -> new ArrayList<>()).add(row);
        }
    }

    /** Whether a file begins like a table of Kinetics: with a line that names {@code youtube_id}. */
    public static boolean is(String location, Configuration hadoop) throws IOException {
        try (BufferedReader in = TextFile.open(location, hadoop)) {
            String header = in.readLine();
            return header != null && header.contains("youtube_id");
        }
    }

    /**
     * Reads a table from any file system.
     *
     * @throws ConfigException where a column is missing or a row makes no sense
     */
    public static KineticsTable read(String location, Configuration hadoop) throws IOException {
        try (BufferedReader in = TextFile.open(location, hadoop)) {
            return parse(in, location);
        }
    }

    /** The same from a reader, which stays open; {@code name} is for messages. */
    static KineticsTable parse(Reader in, String name) throws IOException {
        CsvRows csv = new CsvRows(in, name);
        List<KineticsRow> rows = new ArrayList<>();
        List<String> header = csv.next();
        if (header == null) {
            throw new ConfigException(name + " is empty; give a table of Kinetics");
        }
        for (String column : REQUIRED) {
            Check.setting(header.contains(column), "%s has no column %s but %s", name, column, header);
        }
        for (List<String> cells = csv.next(); cells != null; cells = csv.next()) {
            rows.add(row(header, cells, name + " line " + csv.line()));
        }
        Check.setting(!rows.isEmpty(), "%s has no rows below a header; give a table of Kinetics", name);
        return new KineticsTable(rows);
    }

    private static KineticsRow row(List<String> header, List<String> cells, String where) {
        Check.setting(
                cells.size() == header.size(),
                "%s: %d cells, the header has %d; correct the table",
                where,
                cells.size(),
                header.size());
        double start = seconds(header, cells, "time_start", where);
        double end = seconds(header, cells, "time_end", where);
        Check.setting(start >= 0 && end > start, "%s: from %s s to %s s is no part of a video", where, start, end);
        int split = header.indexOf(SPLIT);
        return new KineticsRow(
                text(header, cells, "label", where),
                text(header, cells, "youtube_id", where),
                start,
                end,
                split < 0 || cells.get(split).isBlank() ? null : cells.get(split));
    }

    private static String text(List<String> header, List<String> cells, String column, String where) {
        String value = cells.get(header.indexOf(column));
        Check.setting(!value.isBlank(), "%s: %s is empty", where, column);
        return value;
    }

    private static double seconds(List<String> header, List<String> cells, String column, String where) {
        String value = text(header, cells, column, where);
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new ConfigException("%s: %s=%s is no number of seconds".formatted(where, column, value));
        }
    }

    /** The path that a row's video customarily has, once cut: {@code <label>/<id>_<start>_<end>.mp4}. */
    public static String customaryPath(KineticsRow row) {
        return row.label() + "/" + cutName(row) + ".mp4";
    }

    private static String cutName(KineticsRow row) {
        return "%s_%06d_%06d".formatted(row.youtubeId(), Math.round(row.timeStart()), Math.round(row.timeEnd()));
    }

    /**
     * Finds the row of a file.
     *
     * @param path with forward slashes
     * @return empty where the table has no row for the file
     * @throws ConfigException where several rows are as good
     */
    public Optional<KineticsClip> find(String path) {
        String[] parts = path.split("/");
        String file = parts[parts.length - 1];
        int dot = file.lastIndexOf('.');
        String stem = dot < 0 ? file : file.substring(0, dot);
        List<String> directories = Arrays.asList(parts).subList(0, parts.length - 1);
        Matcher name = CUT.matcher(stem);
        if (name.matches() && cut.containsKey(stem)) {
            return Optional.of(clip(one(cut.get(stem), directories, path), directories, false));
        }
        return Optional.ofNullable(whole.get(stem))
                .map(rowsOfVideo -> clip(one(rowsOfVideo, directories, path), directories, true));
    }

    private static KineticsRow one(List<KineticsRow> candidates, List<String> directories, String path) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        List<KineticsRow> fitting = candidates.stream()
                .filter(row -> directories.stream().anyMatch(directory -> isLabel(row.label(), directory)))
                .toList();
        List<KineticsRow> left = fitting.isEmpty() ? candidates : fitting;
        String split = splitOf(directories);
        if (left.size() > 1 && split != null) {
            left = left.stream().filter(row -> split.equals(split(row.split()))).toList();
        }
        Check.setting(
                left.size() == 1,
                "%s may be any of %d rows of the table; cut it and name it <youtube_id>_<time_start>_<time_end>, or put it into directories by label and split",
                path,
                candidates.size());
        return left.get(0);
    }

    private static KineticsClip clip(KineticsRow row, List<String> directories, boolean isWhole) {
        String split = split(row.split());
        return new KineticsClip(
                row,
                split == null ? splitOf(directories) : split,
                isWhole ? new Span(row.timeStart(), row.timeEnd()) : null);
    }

    private static boolean isLabel(String label, String directory) {
        return label.replace('_', ' ').equalsIgnoreCase(directory.replace('_', ' '));
    }

    private static @Nullable String splitOf(List<String> directories) {
        String last = null;
        for (String directory : directories) {
            String split = split(directory);
            last = split == null ? last : split;
        }
        return last;
    }

    private static @Nullable String split(@Nullable String name) {
        return name == null ? null : SPLITS.get(name.toLowerCase(Locale.ROOT));
    }

    /** Returns the rows of which no file is among the paths; some are usual, since videos disappear from YouTube. */
    public List<KineticsRow> missing(Collection<String> paths) {
        Set<KineticsRow> found = paths.stream()
                .flatMap(path -> find(path).stream())
                .map(KineticsClip::row)
                .collect(Collectors.toSet());
        return rows.stream().filter(row -> !found.contains(row)).toList();
    }
}
