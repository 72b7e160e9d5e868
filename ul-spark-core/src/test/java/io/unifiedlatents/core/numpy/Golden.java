package io.unifiedlatents.core.numpy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Arrays of a golden file, each made by the script {@code make_<file>.py} beside it. */
public record Golden(String file) {
    public static InputStream open(String file) {
        return Objects.requireNonNull(Golden.class.getResourceAsStream("/metrics/" + file), file);
    }

    NpzFile npz() throws IOException {
        String url = Objects.requireNonNull(Golden.class.getResource("/metrics/" + file), file)
                .toString();
        return new NpzFile(new Path(url), new Configuration());
    }

    public Npy array(String name) throws IOException {
        try (NpzFile npz = npz()) {
            return npz.read(name);
        }
    }

    public double number(String name) throws IOException {
        return array(name).doubles()[0];
    }

    /** A float32 matrix. */
    public float[][] rows(String name) throws IOException {
        Npy array = array(name);
        float[] values = array.floats();
        float[][] rows = new float[array.shape()[0]][array.shape()[1]];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, i * rows[i].length, rows[i], 0, rows[i].length);
        }
        return rows;
    }
}
