package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * Features of a set of pictures on a file system: one .npy file of float32 [rows, d] for each unit of the set, in the
 * set's order. Units are a property of the set, not of who computes them.
 *
 * @param kind what they are, the first part of the files' names: {@code features}, {@code logits}
 * @param rows vectors of each unit
 */
public record FeatureFiles(String kind, List<Integer> rows) implements Serializable {
    /** Number of units. */
    public int units() {
        return rows.size();
    }

    /** Number of vectors in all units. */
    public int count() {
        return rows.stream().mapToInt(Integer::intValue).sum();
    }

    /** Writes the vectors of a unit; visible when it is whole, replacing what was there. */
    public static void write(Storage directory, String kind, int unit, List<float[]> vectors) throws IOException {
        int dimensions = vectors.isEmpty() ? 0 : vectors.get(0).length;
        float[] flat = new float[Math.multiplyExact(vectors.size(), dimensions)];
        for (int i = 0; i < vectors.size(); i++) {
            System.arraycopy(vectors.get(i), 0, flat, i * dimensions, dimensions);
        }
        directory.publish(
                name(kind, unit), Npy.of(flat, vectors.size(), dimensions).toFile());
    }

    /** The vectors below the directory that they were written to. */
    public Features in(Storage directory) {
        return new Features() {
            @Override
            public List<Integer> rows() {
                return rows;
            }

            @Override
            public float[][] read(int unit) {
                try {
                    return FeatureFiles.this.read(directory, unit);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private float[][] read(Storage directory, int unit) throws IOException {
        String file = name(kind, unit);
        try (InputStream in = directory.open(file)) {
            Npy array = Npy.read(in, file);
            int[] shape = array.shape();
            if (shape.length != 2 || shape[0] != rows.get(unit)) {
                throw new CorruptDataException("%s has shape %s, expected are %d rows; evaluate again"
                        .formatted(directory.path(file), Arrays.toString(shape), rows.get(unit)));
            }
            float[] flat = array.floats();
            float[][] vectors = new float[shape[0]][];
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = Arrays.copyOfRange(flat, i * shape[1], (i + 1) * shape[1]);
            }
            return vectors;
        }
    }

    private static String name(String kind, int unit) {
        return "%s-%05d.npy".formatted(kind, unit);
    }
}
