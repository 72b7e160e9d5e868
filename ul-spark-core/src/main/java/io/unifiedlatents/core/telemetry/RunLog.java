package io.unifiedlatents.core.telemetry;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unifiedlatents.core.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The record of a run as JSON lines, {@code {"time": ISO 8601, "event": …, fields…}}. Each job that attempts the run
 * writes its own file, {@code log-<n>.jsonl}, so nothing is ever appended to or lost.
 *
 * <p>A line is flushed as it is written where the file system can; on object stores the file appears when it is closed.
 * Thread safe.
 */
public final class RunLog implements Closeable {
    private static final Pattern FILE = Pattern.compile("log-(\\d{1,9})\\.jsonl");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FSDataOutputStream out;
    private final String name;
    private final Clock clock;

    private RunLog(FSDataOutputStream out, String name, Clock clock) {
        this.out = out;
        this.name = name;
        this.clock = clock;
    }

    /**
     * Creates the next log of a directory; the caller closes it.
     *
     * @param lease number of the lease under which the job writes, from 1: n is at least that less one, because the log
     *     of a job that still runs does not show on an object store
     */
    public static RunLog open(Storage directory, long lease, Clock clock) throws IOException {
        long next = lease - 1;
        for (String file : directory.list()) {
            Matcher matcher = FILE.matcher(file);
            if (matcher.matches()) {
                next = Math.max(next, Long.parseLong(matcher.group(1)) + 1);
            }
        }
        String name = "log-" + next + ".jsonl";
        return new RunLog(directory.create(name), name, clock);
    }

    /** Name of the file in its directory. */
    public String name() {
        return name;
    }

    /**
     * Appends one line.
     *
     * @param event what happened, a short fixed name
     * @param fields anything Jackson can write, other than {@code time} and {@code event}; a number that is not finite
     *     is written as null, at this level and in nested maps
     */
    public synchronized void write(String event, Map<String, ?> fields) throws IOException {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("time", clock.instant().toString());
        line.put("event", event);
        fields.forEach((key, value) -> line.putIfAbsent(key, finite(value)));
        out.write(JSON.writeValueAsBytes(line));
        out.write('\n');
        flush(out);
    }

    /** Makes the bytes so far visible to readers, where the file system can. */
    static void flush(FSDataOutputStream out) throws IOException {
        if (out.hasCapability("hflush")) {
            out.hflush();
        } else {
            out.flush();
        }
    }

    private static @Nullable Object finite(@Nullable Object value) {
        if (value instanceof Double d) {
            return Double.isFinite(d) ? d : null;
        }
        if (value instanceof Float f) {
            return Float.isFinite(f) ? f : null;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, inner) -> copy.put(String.valueOf(key), finite(inner)));
            return copy;
        }
        return value;
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
