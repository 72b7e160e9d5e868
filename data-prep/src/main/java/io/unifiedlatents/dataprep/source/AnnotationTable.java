package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The annotations of inputs in a CSV: a header of {@code path} and any of {@code label}, {@code caption}, {@code split}
 * in any order, then one row for each input. In UTF-8, with quotes, and line breaks within them, as in RFC 4180. An
 * empty cell is no annotation.
 */
public final class AnnotationTable implements Annotations {
    private static final String PATH = "path";
    private static final String LABEL = "label";
    private static final String CAPTION = "caption";
    private static final String SPLIT = "split";
    private static final Set<String> COLUMNS = Set.of(PATH, LABEL, CAPTION, SPLIT);

    private final Map<String, Annotation> byPath;

    private AnnotationTable(Map<String, Annotation> byPath) {
        this.byPath = byPath;
    }

    /**
     * Reads a table.
     *
     * @param location URI or path of a file
     * @throws ConfigException where it is not such a table, naming line and column
     */
    public static AnnotationTable read(String location, Configuration hadoop) throws IOException {
        try (BufferedReader in = TextFile.open(location, hadoop)) {
            return new Reading(location, in).table();
        } catch (CharacterCodingException e) {
            throw new ConfigException(location + " is not UTF-8 near its begin; write it in UTF-8");
        }
    }

    /** The annotation of an input; null where the table has no row for it. */
    @Override
    public @Nullable Annotation get(String path) {
        return byPath.get(path);
    }

    /** Number of rows. */
    public int size() {
        return byPath.size();
    }

    /** Paths with a row that are not among those found, sorted. */
    @Override
    public List<String> missing(Set<String> found) {
        return byPath.keySet().stream()
                .filter(path -> !found.contains(path))
                .sorted(Listing.BY_BYTES)
                .toList();
    }

    private static final class Reading {
        private final String location;
        private final CsvRows rows;
        private final Map<Annotation, Annotation> shared = new HashMap<>();

        Reading(String location, BufferedReader in) throws IOException {
            this.location = location;
            this.rows = new CsvRows(in, location);
        }

        AnnotationTable table() throws IOException {
            List<String> header = rows.next();
            if (header == null) {
                throw new ConfigException(location + " is empty; begin it with the line path,label");
            }
            Map<String, Integer> columns = columns(header);
            Map<String, Annotation> byPath = new HashMap<>();
            for (List<String> row = rows.next(); row != null; row = rows.next()) {
                if (row.size() != header.size()) {
                    throw rows.error("it has " + row.size() + " columns, the header has " + header.size());
                }
                String path = cell(row, columns.get(PATH));
                if (path == null) {
                    throw rows.error("column path is empty");
                }
                String relative = path.startsWith("./") ? path.substring(2) : path; // as find writes
                if (byPath.put(relative, annotation(row, columns)) != null) {
                    throw rows.error("column path has " + path + " a second time");
                }
            }
            return new AnnotationTable(byPath);
        }

        private Map<String, Integer> columns(List<String> header) {
            Map<String, Integer> columns = new HashMap<>();
            for (int i = 0; i < header.size(); i++) {
                String name = header.get(i).strip().toLowerCase(Locale.ROOT);
                if (!COLUMNS.contains(name)) {
                    throw rows.error(
                            "column " + (i + 1) + " is " + name + "; known are path, label, caption and split");
                }
                if (columns.put(name, i) != null) {
                    throw rows.error("column " + (i + 1) + " is " + name + " a second time");
                }
            }
            if (!columns.containsKey(PATH)) {
                throw rows.error("no column is path");
            }
            return columns;
        }

        /** Classes and splits are few, and rows that differ in nothing else share one object. */
        private Annotation annotation(List<String> row, Map<String, Integer> columns) {
            String caption = cell(row, columns.get(CAPTION));
            Annotation few = new Annotation(cell(row, columns.get(LABEL)), null, cell(row, columns.get(SPLIT)));
            Annotation same = shared.computeIfAbsent(few, own -> own);
            return caption == null ? same : new Annotation(same.className(), caption, same.split());
        }

        private static @Nullable String cell(List<String> row, @Nullable Integer column) {
            String cell = column == null ? "" : row.get(column);
            return cell.isBlank() ? null : cell;
        }
    }
}
