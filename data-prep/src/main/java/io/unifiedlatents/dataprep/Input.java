package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.random.Seeds;
import java.io.Serializable;

/**
 * A file below the source directory.
 *
 * @param path relative to the source directory, with forward slashes
 * @param id stable name, see {@link io.unifiedlatents.core.data.Hashes#sampleId}
 * @param bytes length of the file
 */
record Input(String path, String id, long bytes) implements Serializable {
    /** The folder, relative to the source directory; {@code .} for files directly in it. */
    String className() {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "." : path.substring(0, slash);
    }

    /** Place in the global shuffle. */
    long shuffleKey(long seed) {
        return key(seed, "shuffle");
    }

    /** Whether the input is kept out of training; a function of seed and id alone. */
    boolean heldOut(long seed, double fraction) {
        return Seeds.unitInterval(key(seed, "holdout")) < fraction;
    }

    private long key(long seed, String purpose) {
        return Seeds.of(
                seed,
                purpose,
                Long.parseUnsignedLong(id.substring(0, 16), 16),
                Long.parseUnsignedLong(id.substring(16, 32), 16));
    }
}
