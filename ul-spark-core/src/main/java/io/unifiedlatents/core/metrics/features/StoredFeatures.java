package io.unifiedlatents.core.metrics.features;

import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Features of a set of pictures on a file system: one .npy file of float32 [rows, d] for each unit of the set, in the
 * set's order. Units are a property of the set, not of who computes them. Small: what a task needs to read them.
 *
 * @param directory URI of the directory of the files
 * @param kind what they are, the first part of the files' names: {@code features}, {@code logits}
 * @param rows vectors of each unit
 * @param chosen indices of the vectors that count; null for all
 */
public record StoredFeatures(
        String directory,
        String kind,
        List<Integer> rows,
        @Nullable BitSet chosen) implements Serializable {
    /** All vectors of some files. */
    public StoredFeatures(String directory, String kind, List<Integer> rows) {
        this(directory, kind, rows, null);
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

    /** Number of units. */
    public int units() {
        return rows.size();
    }

    /** Number of vectors. */
    public int count() {
        return chosen == null ? rows.stream().mapToInt(Integer::intValue).sum() : chosen.cardinality();
    }

    /** Some of all vectors. */
    public StoredFeatures choose(BitSet indices) {
        return new StoredFeatures(directory, kind, rows, indices);
    }

    /** The vectors; files are read as they are asked for. */
    public Features open(Configuration hadoop) throws IOException {
        Storage storage = Storage.at(directory, hadoop);
        Features all = new Features() {
            @Override
            public List<Integer> rows() {
                return rows;
            }

            @Override
            public float[][] read(int unit) {
                try {
                    return StoredFeatures.this.read(storage, unit);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return chosen == null ? all : all.choose(chosen);
    }

    private float[][] read(Storage storage, int unit) throws IOException {
        String file = name(kind, unit);
        try (InputStream in = storage.open(file)) {
            Npy array = Npy.read(in, file);
            int[] shape = array.shape();
            if (shape.length != 2 || shape[0] != rows.get(unit)) {
                throw new CorruptDataException("%s has shape %s, expected are %d rows; evaluate again"
                        .formatted(storage.path(file), Arrays.toString(shape), rows.get(unit)));
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
