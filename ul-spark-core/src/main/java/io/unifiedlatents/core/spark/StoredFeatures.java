package io.unifiedlatents.core.spark;

import io.unifiedlatents.core.metrics.FeatureFiles;
import io.unifiedlatents.core.metrics.FeatureSet;
import io.unifiedlatents.core.metrics.Features;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.util.BitSet;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Where features lie: what a task needs to read them.
 *
 * @param directory URI of the directory of the files
 * @param files in it
 * @param chosen indices of the vectors that count; null for all
 */
public record StoredFeatures(
        String directory, FeatureFiles files, @Nullable BitSet chosen) implements Serializable {
    /** All vectors of some files. */
    public StoredFeatures(String directory, FeatureFiles files) {
        this(directory, files, null);
    }

    /** All vectors of a kind in a set. */
    static StoredFeatures of(FeatureSet set, String kind) {
        return new StoredFeatures(set.directory(), set.files(kind));
    }

    /** Number of vectors. */
    public int count() {
        return chosen == null ? files.count() : chosen.cardinality();
    }

    /** Some vectors of the files. */
    StoredFeatures choose(BitSet indices) {
        return new StoredFeatures(directory, files, indices);
    }

    Features open(Configuration hadoop) throws IOException {
        Features all = files.in(Storage.at(directory, hadoop));
        return chosen == null ? all : all.choose(chosen);
    }
}
