package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A directory on a Hadoop file system whose files may have any name: Hadoop's {@code new Path(parent, "a:b")} takes the
 * colon for the end of a scheme, and URIs escape what paths do not.
 *
 * @param scheme of its file system
 * @param authority of its file system, empty where it has none
 * @param directory its absolute path, {@code /} for all of the file system
 */
record SourceDirectory(String scheme, String authority, String directory) implements Serializable {
    /** The directory of this URI or plain path, as the settings understand it; it need not exist. */
    static SourceDirectory of(Path path, Configuration hadoop) throws IOException {
        URI uri = path.makeQualified(fileSystem(path, hadoop).getUri(), new Path("/"))
                .toUri();
        return new SourceDirectory(
                uri.getScheme(), uri.getAuthority() == null ? "" : uri.getAuthority(), uri.getPath());
    }

    /** The file system of a path: without checksum files, and with bounded patience for S3. */
    static FileSystem fileSystem(Path path, Configuration hadoop) throws IOException {
        Storage.at(path.toString(), hadoop); // Hadoop keeps the file system that this opens
        FileSystem fileSystem = path.getFileSystem(hadoop);
        return fileSystem instanceof LocalFileSystem local ? local.getRawFileSystem() : fileSystem;
    }

    FileSystem fileSystem(Configuration hadoop) throws IOException {
        return fileSystem(root(), hadoop);
    }

    Path root() {
        return new Path(scheme, authority, directory);
    }

    /** A file below it. */
    Path path(String relative) {
        return new Path(scheme, authority, prefix() + relative);
    }

    /** The name of a file below it relative to it; the inverse of {@link #path}. */
    String relative(Path file) {
        String path = file.toUri().getPath();
        if (!path.startsWith(prefix())) {
            throw new IllegalStateException(file + " was listed below " + this + "; report this");
        }
        return path.substring(prefix().length());
    }

    private String prefix() {
        return directory.endsWith("/") ? directory : directory + "/";
    }

    @Override
    public String toString() {
        return root().toString();
    }
}
