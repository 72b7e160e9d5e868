package io.unifiedlatents.core.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Set;

/** Arrays of a golden file, each made by the script {@code make_<file>.py} beside it. */
record Golden(String file) {
    static InputStream open(String file) {
        return Objects.requireNonNull(Golden.class.getResourceAsStream("/metrics/" + file), file);
    }

    Npy array(String name) throws IOException {
        return Objects.requireNonNull(Npz.read(open(file), file, Set.of(name)).get(name));
    }

    double number(String name) throws IOException {
        return array(name).doubles()[0];
    }

    /** A float32 matrix. */
    float[][] rows(String name) throws IOException {
        Npy array = array(name);
        float[] values = array.floats();
        float[][] rows = new float[array.shape()[0]][array.shape()[1]];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, i * rows[i].length, rows[i], 0, rows[i].length);
        }
        return rows;
    }
}
