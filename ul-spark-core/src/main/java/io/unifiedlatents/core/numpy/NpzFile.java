package io.unifiedlatents.core.numpy;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.ChecksumVerifyingInputStream;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * A reader of a .npz file of any length on any file system. The directory of the zip tells which arrays it holds; an
 * array can be read from any position. Closed by the caller.
 */
public final class NpzFile implements AutoCloseable {
    private static final String SUFFIX = ".npy";

    private final Path path;
    private final FSDataInputStream file;
    private final ZipFile zip;

    /**
     * Opens a file.
     *
     * @throws CorruptDataException if it is no whole zip file
     */
    public NpzFile(Path path, Configuration hadoop) throws IOException {
        this.path = path;
        long length = path.getFileSystem(hadoop).getFileStatus(path).getLen();
        this.file = path.getFileSystem(hadoop).open(path);
        try {
            this.zip = new ZipFile(new Channel(file, length));
        } catch (IOException e) {
            file.close();
            throw new CorruptDataException(
                    path + " is not a whole .npz file: " + e.getMessage() + "; copy or make it again", e);
        }
    }

    /** Names of its arrays, sorted. */
    public Set<String> names() {
        return Collections.list(zip.getEntries()).stream()
                .map(entry -> StringUtils.removeEnd(entry.getName(), SUFFIX))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Reads an array whole, and its checksum.
     *
     * @throws io.unifiedlatents.core.config.ConfigException if there is none of this name, or one that {@link Npy} does
     *     not read
     * @throws CorruptDataException if it ends too early, is longer than its shape says, or has another checksum
     */
    public Npy read(String array) throws IOException {
        ZipArchiveEntry entry = entry(array);
        String name = path.getName() + ":" + array;
        try (InputStream in = new ChecksumVerifyingInputStream(
                new CRC32(), zip.getInputStream(entry), entry.getSize(), entry.getCrc())) {
            Npy read = Npy.read(in, name);
            if (in.read() >= 0) {
                throw new CorruptDataException(name + " is longer than its shape says");
            }
            return read;
        } catch (CorruptDataException e) {
            throw e;
        } catch (IOException e) {
            throw new CorruptDataException(name + " cannot be read: " + e.getMessage() + "; copy or make it again", e);
        }
    }

    /**
     * The bytes of an array's .npy file, from a position on; checksums are not looked at. A deflated array is inflated
     * up to there.
     *
     * @return valid until this file is closed or asked for another array
     */
    public InputStream open(String array, long position) throws IOException {
        ZipArchiveEntry found = entry(array);
        if (found.getMethod() == ZipEntry.STORED) {
            file.seek(found.getDataOffset() + position);
            return file;
        }
        InputStream in = zip.getInputStream(found);
        in.skipNBytes(position);
        return in;
    }

    private ZipArchiveEntry entry(String array) {
        ZipArchiveEntry entry = zip.getEntry(array + SUFFIX);
        Check.setting(entry != null, "%s has no array %s, only %s", path, array, names());
        return Objects.requireNonNull(entry);
    }

    @Override
    public void close() throws IOException {
        zip.close(); // and the file below it
    }

    /** A file of Hadoop as the zip reader wants it. */
    private static final class Channel implements SeekableByteChannel {
        private final FSDataInputStream file;
        private final long length;
        private boolean open = true;

        Channel(FSDataInputStream file, long length) {
            this.file = file;
            this.length = length;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            byte[] bytes = new byte[target.remaining()];
            int read = file.read(bytes, 0, bytes.length);
            target.put(bytes, 0, Math.max(0, read));
            return read;
        }

        @Override
        public long position() throws IOException {
            return file.getPos();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            file.seek(position);
            return this;
        }

        @Override
        public long size() {
            return length;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            file.close();
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException("for reading only");
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new UnsupportedOperationException("for reading only");
        }
    }
}
