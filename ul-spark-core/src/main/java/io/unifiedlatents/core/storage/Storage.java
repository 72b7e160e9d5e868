package io.unifiedlatents.core.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * One directory on a Hadoop file system ({@code file:}, {@code hdfs:}, {@code s3a:}, …) and the files below it, named
 * by relative paths with forward slashes. Thread safe; holds nothing that needs closing.
 */
public final class Storage {
    /**
     * Stores whose puts become visible only when complete, and whose renames are copies. Azure's abfs is none: it shows
     * a file from its creation on, and renames at once.
     */
    private static final Set<String> OBJECT_STORES = Set.of("s3a", "s3", "s3n", "gs", "wasb", "oss");

    /**
     * The default time for which requests to S3 are repeated: half a minute where it refuses, minutes where it is
     * silent. Hadoop's own defaults add up to a quarter of an hour and to hours.
     */
    private static final Map<String, String> S3_PATIENCE = Map.of(
            "fs.s3a.attempts.maximum", "1", // by the SDK, within each of
            "fs.s3a.retry.limit", "6", // by Hadoop, whose pauses double from fs.s3a.retry.interval=500ms
            "fs.s3a.connection.timeout", "30000"); // ms for an answer

    private final Path root;
    private final Configuration conf;
    private final FileSystem fileSystem;

    private Storage(Path root, Configuration conf, FileSystem fileSystem) {
        this.root = root;
        this.conf = conf;
        this.fileSystem = fileSystem;
    }

    /**
     * Opens a directory, which need not exist yet. Where S3 is out of reach, every operation fails within about half a
     * minute, or some minutes where it takes connections and stays silent, unless {@code conf} sets
     * {@code fs.s3a.retry.limit}, {@code fs.s3a.attempts.maximum} or {@code fs.s3a.connection.timeout}.
     *
     * @param directory URI or plain path; a path without scheme is taken in the default file system of {@code conf}
     * @param conf Hadoop settings, among them the credentials of object stores
     */
    public static Storage at(String directory, Configuration conf) throws IOException {
        Path path = new Path(directory);
        boolean s3 = "s3a".equals(path.toUri().getScheme())
                || FileSystem.getDefaultUri(conf).getScheme().equals("s3a");
        FileSystem fileSystem = path.getFileSystem(s3 ? patient(conf) : conf);
        if (fileSystem instanceof LocalFileSystem local) {
            fileSystem = local.getRawFileSystem(); // no .crc side files: our own manifests hold digests
        }
        return new Storage(fileSystem.makeQualified(path), conf, fileSystem);
    }

    private static Configuration patient(Configuration conf) {
        Configuration patient = new Configuration(conf);
        S3_PATIENCE.forEach((key, value) -> {
            String[] sources = conf.getPropertySources(key);
            if (sources == null || List.of(sources).equals(List.of("core-default.xml"))) {
                patient.set(key, value);
            }
        });
        return patient;
    }

    /** Reads a whole file, given by URI or plain path. */
    public static byte[] readFile(String file, Configuration conf) throws IOException {
        Path path = new Path(file);
        Path parent = path.getParent() == null ? new Path(".") : path.getParent();
        return at(parent.toString(), conf).read(path.getName());
    }

    /** The directory below this one. */
    public Storage directory(String name) {
        return new Storage(path(name), conf, fileSystem);
    }

    /** The full path of a file below this directory. */
    public Path path(String name) {
        return new Path(root, name);
    }

    /** Whether a file or directory of this name exists. */
    public boolean exists(String name) throws IOException {
        return fileSystem.exists(path(name));
    }

    /** Length of a file in bytes. */
    public long length(String name) throws IOException {
        return fileSystem.getFileStatus(path(name)).getLen();
    }

    /**
     * Names (not paths) of the files and directories directly in this directory, sorted; empty where the directory is
     * missing.
     */
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try {
            for (FileStatus status : fileSystem.listStatus(root)) {
                names.add(status.getPath().getName());
            }
        } catch (FileNotFoundException e) {
            return List.of();
        }
        names.sort(Comparator.naturalOrder());
        return names;
    }

    /** Opens a file for reading, seekable; the caller closes it. */
    public FSDataInputStream open(String name) throws IOException {
        return fileSystem.open(path(name));
    }

    /** Reads a whole file. */
    public byte[] read(String name) throws IOException {
        try (InputStream in = open(name)) {
            return in.readAllBytes();
        }
    }

    /** Reads a whole file as UTF-8. */
    public String readText(String name) throws IOException {
        return new String(read(name), StandardCharsets.UTF_8);
    }

    /**
     * Creates or replaces a file that readers do not look for yet (a manifest published later makes it count); the
     * caller closes the stream.
     */
    public FSDataOutputStream create(String name) throws IOException {
        return fileSystem.create(path(name), true);
    }

    /** Begins a file that appears whole or not at all; the caller commits or closes it. */
    public PendingFile begin(String name) throws IOException {
        if (root.toUri().getScheme().equals("s3a")) {
            FSDataOutputStream out = create(name); // seen only once closed
            return new PendingFile(out, out::close, out::abort);
        }
        String temporary = temporary(name);
        FSDataOutputStream out = create(temporary);
        return new PendingFile(
                out,
                () -> {
                    out.close();
                    replace(temporary, name);
                },
                () -> {
                    try {
                        out.close();
                    } finally {
                        delete(temporary);
                    }
                });
    }

    /**
     * Publishes a file: a reader sees the old content or the whole new one, never a part. After a failure the old
     * content is still there.
     */
    public void publish(String name, byte[] content) throws IOException {
        if (OBJECT_STORES.contains(root.toUri().getScheme())) {
            try (OutputStream out = create(name)) { // one put, which is atomic; a rename would not be
                out.write(content);
            }
            return;
        }
        try (PendingFile file = begin(name)) {
            file.write(content);
            file.commit();
        }
    }

    /** Publishes text as UTF-8, see {@link #publish(String, byte[])}. */
    public void publish(String name, String text) throws IOException {
        publish(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A name in the same directory that no reader looks for, and no other writer takes. */
    private static String temporary(String name) {
        int slash = name.lastIndexOf('/') + 1;
        return name.substring(0, slash) + "." + name.substring(slash) + "." + UUID.randomUUID()
                + ".tmp"; // not the process id: in containers that is often the same
    }

    /** Renames a closed file onto a final name, replacing what is there. */
    private void replace(String from, String to) throws IOException {
        if (OBJECT_STORES.contains(root.toUri().getScheme())) {
            fileSystem.delete(path(to), false); // S3A refuses to rename onto an existing object
            if (!fileSystem.rename(path(from), path(to))) {
                throw new IOException("cannot rename " + path(from) + " to " + path(to));
            }
            return;
        }
        if (fileSystem instanceof RawLocalFileSystem) {
            // not Hadoop's: on local disks it deletes first, so a reader may find nothing
            Files.move(local(from), local(to), StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        FileContext.getFileContext(root.toUri(), conf).rename(path(from), path(to), Options.Rename.OVERWRITE);
    }

    private java.nio.file.Path local(String name) {
        return java.nio.file.Path.of(path(name).toUri());
    }

    /** Deletes a file or a whole directory; does nothing where it is missing. */
    public void delete(String name) throws IOException {
        fileSystem.delete(path(name), true);
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
