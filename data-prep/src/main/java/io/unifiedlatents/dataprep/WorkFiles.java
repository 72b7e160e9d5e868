package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;

/** Reads from many files of the work directory here and there, and keeps some of them open. Not thread safe. */
final class WorkFiles implements Closeable {
    private static final int OPEN = 64; // few enough for stores whose streams hold a connection each

    private final Storage work;
    private final Map<String, FSDataInputStream> open = new LinkedHashMap<>(OPEN, 0.75f, true);

    WorkFiles(Storage work) {
        this.work = work;
    }

    /** The bytes at {@code offset} of a file. */
    byte[] read(String name, long offset, int length) throws IOException {
        FSDataInputStream file = open.get(name);
        if (file == null) {
            closeOldest();
            file = work.open(name);
            open.put(name, file);
        }
        byte[] bytes = new byte[length];
        file.readFully(offset, bytes);
        return bytes;
    }

    /** Full path of a file, for errors. */
    String path(String name) {
        return work.path(name).toString();
    }

    private void closeOldest() throws IOException {
        if (open.size() == OPEN) {
            String oldest = open.keySet().iterator().next();
            FSDataInputStream file = open.remove(oldest);
            if (file != null) {
                file.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (FSDataInputStream file : open.values()) {
            file.close();
        }
    }
}
