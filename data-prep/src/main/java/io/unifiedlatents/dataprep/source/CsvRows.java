package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV as defined by RFC 4180, with lines that end in LF or CRLF. Spark's own parser takes a quote that is
 * not closed for the rest of the file, and does not say which line a row began in.
 */
public final class CsvRows {
    private static final int END = -1;

    private final Reader in;
    private final String location;
    private final StringBuilder cell = new StringBuilder();
    private long line;
    private long nextLine = 1;
    private int next;

    /**
     * Reads from a reader, which it does not close; it should be buffered.
     *
     * @param location of the table, for messages
     */
    public CsvRows(Reader in, String location) throws IOException {
        this.in = in;
        this.location = location;
        this.next = in.read();
    }

    /** The line in which the current row begins, from 1. */
    public long line() {
        return line;
    }

    /** Returns an error that names the line in which the current row begins. */
    public ConfigException error(String problem) {
        return new ConfigException(location + ", line " + line + ": " + problem + "; correct the table");
    }

    /**
     * Returns the cells of the next row, or null at the end; empty lines are no rows.
     *
     * @throws ConfigException where a quote is out of place or the text is not UTF-8
     */
    public @Nullable List<String> next() throws IOException {
        try {
            return row();
        } catch (CharacterCodingException e) {
            throw error("it, or what soon follows, is not UTF-8");
        }
    }

    private @Nullable List<String> row() throws IOException {
        while (next == '\n' || next == '\r') {
            take();
        }
        line = nextLine;
        if (next == END) {
            return null;
        }
        List<String> cells = new ArrayList<>();
        while (true) {
            cells.add(next == '"' ? quoted() : plain());
            if (next != ',') {
                break;
            }
            take();
        }
        take(); // the end of the line
        return cells;
    }

    private String plain() throws IOException {
        cell.setLength(0);
        while (next != ',' && next != '\n' && next != END) {
            if (next == '"') {
                throw error("a quote stands within a cell that does not begin with one");
            }
            cell.append((char) take());
        }
        boolean crlf = next != ',' && cell.length() > 0 && cell.charAt(cell.length() - 1) == '\r';
        return cell.substring(0, cell.length() - (crlf ? 1 : 0));
    }

    private String quoted() throws IOException {
        cell.setLength(0);
        take();
        while (true) {
            int taken = take();
            if (taken == END) {
                throw error("a quote is not closed");
            }
            if (taken != '"') {
                cell.append((char) taken);
            } else if (next == '"') {
                cell.append((char) take());
            } else {
                break;
            }
        }
        if (next == '\r') {
            take();
        }
        if (next != ',' && next != '\n' && next != END) {
            throw error("something follows a closing quote; write a quote within a cell twice");
        }
        return cell.toString();
    }

    private int take() throws IOException {
        int taken = next;
        if (taken != END) {
            nextLine += taken == '\n' ? 1 : 0;
            next = in.read();
        }
        return taken;
    }
}
