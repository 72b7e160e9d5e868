package io.unifiedlatents.dataprep.source;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import com.univocity.parsers.csv.UnescapedQuoteHandling;
import io.unifiedlatents.core.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What a CSV says of inputs: a header of {@code path} and any of {@code label}, {@code caption}, {@code split} in any
 * order, then a row an input. Quotes and line breaks within them as in RFC 4180, UTF-8; an empty cell says nothing.
 */
public final class AnnotationTable {
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

    /** What the table says of an input, null where it has no row for it. */
    public @Nullable Annotation get(String path) {
        return byPath.get(path);
    }

    /** Number of rows. */
    public int size() {
        return byPath.size();
    }

    /** Paths with a row that are not among those found, sorted. */
    public List<String> missing(Set<String> found) {
        List<String> missing = new ArrayList<>();
        for (String path : byPath.keySet()) {
            if (!found.contains(path)) {
                missing.add(path);
            }
        }
        missing.sort(Listing.BY_BYTES);
        return missing;
    }

    private static final class Reading {
        private final String location;
        private final CsvParser parser;
        private final Map<Annotation, Annotation> shared = new HashMap<>();

        Reading(String location, BufferedReader in) {
            this.location = location;
            CsvParserSettings settings = new CsvParserSettings();
            settings.setUnescapedQuoteHandling(UnescapedQuoteHandling.RAISE_ERROR);
            settings.setMaxCharsPerColumn(-1); // captions have no limit
            settings.setCommentProcessingEnabled(false); // a path may begin with #
            settings.setIgnoreLeadingWhitespaces(false);
            settings.setIgnoreTrailingWhitespaces(false);
            settings.setReadInputOnSeparateThread(false);
            settings.setLineSeparatorDetectionEnabled(true);
            settings.setNormalizeLineEndingsWithinQuotes(false);
            parser = new CsvParser(settings);
            parser.beginParsing(in);
        }

        AnnotationTable table() throws IOException {
            String[] header = next(1);
            if (header == null) {
                throw new ConfigException(location + " is empty; begin it with the line path,label");
            }
            Map<String, Integer> columns = columns(header);
            Map<String, Annotation> byPath = new HashMap<>();
            while (true) {
                long line = parser.getContext().currentLine() + 1;
                String[] row = next(line);
                if (row == null) {
                    return new AnnotationTable(byPath);
                }
                if (row.length != header.length) {
                    throw error(line, "it has " + row.length + " columns, the header has " + header.length);
                }
                String path = cell(row, columns.get(PATH));
                if (path == null) {
                    throw error(line, "column path is empty");
                }
                String relative = path.startsWith("./") ? path.substring(2) : path;
                if (byPath.put(relative, annotation(row, columns)) != null) {
                    throw error(line, "column path has " + path + " a second time");
                }
            }
        }

        private Map<String, Integer> columns(String[] header) {
            Map<String, Integer> columns = new HashMap<>();
            for (int i = 0; i < header.length; i++) {
                String name = header[i] == null ? "" : header[i].strip().toLowerCase(Locale.ROOT);
                if (!COLUMNS.contains(name)) {
                    throw error(1, "column " + (i + 1) + " is " + name + "; known are path, label, caption and split");
                }
                if (columns.put(name, i) != null) {
                    throw error(1, "column " + (i + 1) + " is " + name + " a second time");
                }
            }
            if (!columns.containsKey(PATH)) {
                throw error(1, "no column is path");
            }
            return columns;
        }

        /** Classes and splits are few, and so are rows that differ in them; with captions, each row has its own. */
        private Annotation annotation(String[] row, Map<String, Integer> columns) {
            String caption = cell(row, columns.get(CAPTION));
            Annotation few = new Annotation(cell(row, columns.get(LABEL)), null, cell(row, columns.get(SPLIT)));
            Annotation same = shared.computeIfAbsent(few, own -> own);
            return caption == null ? same : new Annotation(same.className(), caption, same.split());
        }

        private static @Nullable String cell(String[] row, @Nullable Integer column) {
            String cell = column == null ? null : row[column];
            return cell == null || cell.isBlank() ? null : cell;
        }

        private String @Nullable [] next(long line) throws IOException {
            try {
                return parser.parseNext();
            } catch (TextParsingException | IllegalStateException e) {
                for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                    if (cause instanceof CharacterCodingException) {
                        throw error(line, "it, or a line soon after it, is not UTF-8");
                    }
                    if (cause instanceof IOException io) {
                        throw io;
                    }
                }
                throw error(line, "a quote is not closed, or stands within a cell that is not quoted");
            }
        }

        private ConfigException error(long line, String what) {
            return new ConfigException(location + ", line " + line + ": " + what + "; correct the line");
        }
    }
}
