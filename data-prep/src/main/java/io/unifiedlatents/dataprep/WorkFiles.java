package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.FSDataInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows at random from many files of the work directory: several files at a time, to hide the latency of a store,
 * and with a cache of open files. Not thread-safe.
 */
final class WorkFiles implements Closeable {
    /** Rows to ask for at a time. */
    static final int BATCH = 64;

    private static final int THREADS = 8;
    private static final int OPEN = 64; // few enough for stores whose streams hold a connection each

    private final Storage work;
    private final Map<String, FSDataInputStream> open = new LinkedHashMap<>(OPEN, 0.75f, true);
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "work files");
        thread.setDaemon(true);
        return thread;
    });

    WorkFiles(Storage work) {
        this.work = work;
    }

    /** Returns the stored bytes of rows, in their order. */
    List<byte[]> read(List<Plan.Row> rows) throws IOException {
        Map<String, List<Integer>> byFile = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            byFile.computeIfAbsent(rows.get(i).data(), name -> new ArrayList<>())
                    .add(i);
        }
        byte[][] bytes = new byte[rows.size()][];
        Map<String, Future<FSDataInputStream>> reading = new LinkedHashMap<>();
        byFile.forEach((name, indices) -> {
            FSDataInputStream file = open.get(name);
            reading.put(name, threads.submit(() -> read(name, file, indices, rows, bytes)));
        });
        for (Map.Entry<String, Future<FSDataInputStream>> file : reading.entrySet()) {
            open.put(file.getKey(), get(file.getValue()));
        }
        closeOldest();
        return List.of(bytes);
    }

    private FSDataInputStream read(
            String name, @Nullable FSDataInputStream opened, List<Integer> indices, List<Plan.Row> rows, byte[][] bytes)
            throws IOException {
        FSDataInputStream file = opened == null ? work.open(name) : opened;
        for (int i : indices) {
            StoredSample stored = rows.get(i).stored();
            bytes[i] = new byte[stored.length()];
            file.readFully(stored.offset(), bytes[i]);
        }
        return file;
    }

    private static FSDataInputStream get(Future<FSDataInputStream> reading) throws IOException {
        try {
            return reading.get();
        } catch (ExecutionException e) {
            throw new IOException("reading samples: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading samples", e);
        }
    }

    /** Returns the full path of a file, for errors. */
    String path(String name) {
        return work.path(name).toString();
    }

    private void closeOldest() throws IOException {
        var oldest = open.values().iterator();
        while (open.size() > OPEN) {
            oldest.next().close();
            oldest.remove();
        }
    }

    @Override
    public void close() throws IOException {
        threads.shutdown();
        for (FSDataInputStream file : open.values()) {
            file.close();
        }
    }
}
