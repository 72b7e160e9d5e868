package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.NpzFile;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Pictures of a .npz file as ADM's and its descendants' samplers and reference batches have them: {@code arr_0}, uint8
 * [N, H, W, 3], of any length. A stored entry (numpy.savez) is read from where a unit begins, a deflated one
 * (savez_compressed) from the start each time.
 */
public final class NpzPictures implements PictureSet {
    private static final String ARRAY = "arr_0";
    private static final int CHANNELS = 3;

    private final Path path;
    private final Configuration hadoop;
    private final Npy.Header header;
    private final int count;
    private final int unitRows;

    /**
     * Opens a file.
     *
     * @param limit pictures taken, from the first on; 0 for all
     * @param batch pictures that networks are given at once
     * @throws io.unifiedlatents.core.config.ConfigException if it has no such array, or a smaller one
     */
    public NpzPictures(String file, int limit, int batch, Configuration hadoop) throws IOException {
        this.path = new Path(file);
        this.hadoop = hadoop;
        try (NpzFile npz = new NpzFile(path, hadoop)) {
            this.header = Npy.Header.read(npz.open(ARRAY, 0), file + ":" + ARRAY);
        }
        long[] shape = header.shape();
        Check.setting(
                header.type() == Npy.Type.UINT8 && shape.length == 4 && shape[3] == CHANNELS,
                "%s: arr_0 is %s of shape %s; needed is uint8 of (N, H, W, 3)",
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
        this.unitRows = PictureSet.unitRows(count, batch);
    }

    /** Whether a file is a .npz file, by its name. */
    public static boolean isNpz(String file) {
        return file.endsWith(".npz");
    }

    /** Whether a .npz file holds pictures. */
    public static boolean areIn(String file, Configuration hadoop) throws IOException {
        try (NpzFile npz = new NpzFile(new Path(file), hadoop)) {
            return npz.names().contains(ARRAY);
        }
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
    public SampleShape shape() {
        return SampleShape.picture((int) header.shape()[1], (int) header.shape()[2]);
    }

    @Override
    public List<Integer> rows() {
        List<Integer> units = new ArrayList<>();
        for (int from = 0; from < count; from += unitRows) {
            units.add(Math.min(unitRows, count - from));
        }
        return units;
    }

    /** Reads the pictures of a unit; their ids are their indices, {@code 0} for the first. */
    @Override
    public void read(int unit, Sink sink) throws IOException {
        SampleShape shape = shape();
        int bytes = shape.values();
        int first = unit * unitRows;
        int end = first + rows().get(unit);
        try (NpzFile npz = new NpzFile(path, hadoop);
                InputStream in = npz.open(ARRAY, header.length() + (long) first * bytes)) {
            for (int i = first; i < end; i++) {
                byte[] pixels = in.readNBytes(bytes);
                if (pixels.length < bytes) {
                    throw new CorruptDataException(path + " ends within picture " + i + " of " + header.shape()[0]
                            + "; copy or make it again");
                }
                sink.accept(Integer.toString(i), Rgb.of(shape, pixels));
            }
        }
    }
}
