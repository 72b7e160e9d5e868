package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a CSV as RFC 4180 has it, lines ending in LF or CRLF. Spark's own parser takes a quote that is not closed for
 * the rest of the file, and does not say which line a row began in.
 */
public final class CsvRows {
    /** A quote out of place. */
    public static final class MalformedException extends IOException {
        MalformedException(String message) {
            super(message);
        }
    }

    private static final int END = -1;

    private final Reader in;
    private final StringBuilder cell = new StringBuilder();
    private long line;
    private long nextLine = 1;
    private int next;

    /** Reads from a reader, which it does not close; it should be buffered. */
    public CsvRows(Reader in) throws IOException {
        this.in = in;
        this.next = in.read();
    }

    /** Line in which the row last read, or being read, begins; from 1. */
    public long line() {
        return line;
    }

    /** The cells of the next row, or null at the end; empty lines are no rows. */
    public @Nullable List<String> next() throws IOException {
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
                throw new MalformedException("a quote stands within a cell that does not begin with one");
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
                throw new MalformedException("a quote is not closed");
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
            throw new MalformedException("something follows a closing quote; write a quote within a cell twice");
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
