package io.unifiedlatents.core.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * One directory on a Hadoop file system ({@code file:}, {@code hdfs:}, {@code s3a:}, …) and the files below it, named
 * by relative paths with forward slashes. Thread safe; holds nothing that needs closing.
 */
public final class Storage {
    /** Stores whose puts become visible only when complete, and whose renames are copies. */
    private static final Set<String> OBJECT_STORES = Set.of("s3a", "s3", "s3n", "gs", "abfs", "abfss", "wasb", "oss");

    private final Path root;
    private final Configuration conf;
    private final FileSystem fileSystem;

    private Storage(Path root, Configuration conf, FileSystem fileSystem) {
        this.root = root;
        this.conf = conf;
        this.fileSystem = fileSystem;
    }

    /**
     * Opens a directory, which need not exist yet.
     *
     * @param directory URI or plain path; a path without scheme is taken in the default file system of {@code conf}
     * @param conf Hadoop settings, among them the credentials of object stores
     */
    public static Storage at(String directory, Configuration conf) throws IOException {
        Path path = new Path(directory);
        FileSystem fileSystem = path.getFileSystem(conf);
        if (fileSystem instanceof LocalFileSystem local) {
            fileSystem = local.getRawFileSystem(); // no .crc side files: our own manifests hold digests
        }
        return new Storage(fileSystem.makeQualified(path), conf, fileSystem);
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

    /**
     * Publishes a file: a reader sees the old content or the whole new one, never a part. After a failure the old
     * content is still there.
     */
    public void publish(String name, byte[] content) throws IOException {
        boolean putIsAtomic = OBJECT_STORES.contains(root.toUri().getScheme());
        String written = putIsAtomic ? name : temporary(name);
        try (OutputStream out = create(written)) {
            out.write(content);
        }
        if (!putIsAtomic) {
            replace(written, name);
        }
    }

    /** Publishes text as UTF-8, see {@link #publish(String, byte[])}. */
    public void publish(String name, String text) throws IOException {
        publish(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A name in the same directory that no reader looks for. */
    public static String temporary(String name) {
        int slash = name.lastIndexOf('/') + 1;
        return name.substring(0, slash) + "." + name.substring(slash) + "."
                + ProcessHandle.current().pid() + ".tmp";
    }

    /** Renames a closed file onto a final name, replacing what is there: on HDFS and local disks this is the commit. */
    public void replace(String from, String to) throws IOException {
        if (OBJECT_STORES.contains(root.toUri().getScheme())) {
            fileSystem.delete(path(to), false); // S3A refuses to rename onto an existing object
            if (!fileSystem.rename(path(from), path(to))) {
                throw new IOException("cannot rename " + path(from) + " to " + path(to));
            }
            return;
        }
        FileContext.getFileContext(root.toUri(), conf).rename(path(from), path(to), Options.Rename.OVERWRITE);
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
