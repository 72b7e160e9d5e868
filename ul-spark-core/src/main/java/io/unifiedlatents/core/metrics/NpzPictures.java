package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Pictures of a .npz file as ADM's and its descendants' samplers and reference batches have them: {@code arr_0}, uint8
 * [N, H, W, 3], of any length. A stored entry (numpy.savez) is read from where a unit begins, a deflated one
 * (savez_compressed) from the start each time.
 */
public final class NpzPictures implements PictureSet {
    private static final String ENTRY = "arr_0.npy";
    private static final int CHANNELS = 3;

    private final Path path;
    private final Configuration hadoop;
    private final Npy.Header header;
    private final int count;

    /**
     * Opens a file.
     *
     * @param limit pictures taken, from the first on; 0 for all
     * @throws io.unifiedlatents.core.config.ConfigException if it has no such array, or a smaller one
     */
    public NpzPictures(String file, int limit, Configuration hadoop) throws IOException {
        this.path = new Path(file);
        this.hadoop = hadoop;
        try (Entry entry = new Entry()) {
            this.header = Npy.Header.read(entry.stream(0), file + ":" + ENTRY);
        }
        long[] shape = header.shape();
        Check.setting(
                header.type() == Npy.Type.UINT8 && shape.length == 4 && shape[3] == CHANNELS && shape[1] == shape[2],
                "%s: arr_0 is %s of shape %s; needed is uint8 of (N, R, R, 3)",
                file,
                header.type(),
                java.util.Arrays.toString(shape));
        Check.setting(
                shape[0] >= Math.max(1, limit) && shape[0] <= Integer.MAX_VALUE,
                "%s has %d pictures, %d are asked for",
                file,
                shape[0],
                limit);
        this.count = limit == 0 ? (int) shape[0] : limit;
    }

    /** Whether a file is one by its name. */
    public static boolean isNpz(String file) {
        return file.endsWith(".npz");
    }

    @Override
    public String location() {
        return path.toString();
    }

    @Override
    public String hash() {
        try (InputStream in = path.getFileSystem(hadoop).open(path)) {
            return Hashes.content(in).sha256();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int frames() {
        return 1;
    }

    @Override
    public int resolution() {
        return (int) header.shape()[1];
    }

    @Override
    public List<Integer> rows() {
        int rows = PictureSet.unitRows(count);
        List<Integer> units = new ArrayList<>();
        for (int from = 0; from < count; from += rows) {
            units.add(Math.min(rows, count - from));
        }
        return units;
    }

    /** As ids, pictures have their index, {@code 0} for the first. */
    @Override
    public void read(int unit, Sink sink) throws IOException {
        int side = resolution();
        int bytes = CHANNELS * side * side;
        int first = unit * PictureSet.unitRows(count);
        int end = first + rows().get(unit);
        try (Entry entry = new Entry();
                InputStream in = entry.stream(header.length() + (long) first * bytes)) {
            for (int i = first; i < end; i++) {
                byte[] pixels = in.readNBytes(bytes);
                if (pixels.length < bytes) {
                    throw new CorruptDataException(path + " ends within picture " + i + " of " + header.shape()[0]
                            + "; copy or make it again");
                }
                sink.accept(Integer.toString(i), new Rgb(side, side, pixels));
            }
        }
    }

    /** The array's entry in the opened file. */
    private final class Entry implements AutoCloseable {
        private final FSDataInputStream file;
        private final ZipFile zip;
        private final ZipArchiveEntry entry;

        Entry() throws IOException {
            long length = path.getFileSystem(hadoop).getFileStatus(path).getLen();
            this.file = path.getFileSystem(hadoop).open(path);
            try {
                this.zip = new ZipFile(new Channel(file, length));
                ZipArchiveEntry found = zip.getEntry(ENTRY);
                Check.setting(found != null, "%s has no array arr_0; save pictures by numpy.savez(file, array)", path);
                this.entry = java.util.Objects.requireNonNull(found);
            } catch (IOException e) {
                file.close();
                CorruptDataException corrupt = new CorruptDataException(
                        path + " is not a whole .npz file: " + e.getMessage() + "; copy or make it again");
                corrupt.initCause(e);
                throw corrupt;
            } catch (RuntimeException e) {
                file.close();
                throw e;
            }
        }

        /** The bytes of the array from this one on. */
        InputStream stream(long position) throws IOException {
            if (entry.getMethod() == ZipEntry.STORED) {
                file.seek(entry.getDataOffset() + position);
                return file;
            }
            InputStream in = zip.getInputStream(entry);
            in.skipNBytes(position);
            return in;
        }

        @Override
        public void close() throws IOException {
            zip.close(); // and the file below it
        }
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
