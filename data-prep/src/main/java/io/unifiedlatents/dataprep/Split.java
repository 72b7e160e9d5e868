package io.unifiedlatents.dataprep;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The data sets that a preparation makes. */
enum Split {
    TRAIN,
    VALIDATION,
    TEST;

    private static final Map<String, Split> NAMES = Map.of(
            "train", TRAIN,
            "training", TRAIN,
            "val", VALIDATION,
            "valid", VALIDATION,
            "validation", VALIDATION,
            "validate", VALIDATION, // Kinetics
            "dev", VALIDATION,
            "test", TEST,
            "testing", TEST);

    /** Returns the name of its directory. */
    String directory() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the split that a source calls {@code name}; null for an unknown name. */
    static @Nullable Split named(@Nullable String name) {
        return name == null ? null : NAMES.get(name.strip().toLowerCase(Locale.ROOT));
    }

    /**
     * Returns the split that a folder, archive or Parquet file on the way to an input is named after, such as
     * {@code train/…}, {@code val2017/…}, {@code ILSVRC2012_img_val.tar/…} or {@code test-00000-of-00002.parquet#7};
     * the outermost counts. Null where none is.
     */
    static @Nullable Split ofPath(String path) {
        boolean row = path.lastIndexOf('#') > path.lastIndexOf('/');
        String[] names = path.split("/");
        for (int i = 0; i < names.length - (row ? 0 : 1); i++) {
            Split split = ofName(names[i]);
            if (split != null) {
                return split;
            }
        }
        return null;
    }

    /** Returns the split that a word of a name denotes; null where none does. */
    static @Nullable Split ofName(String name) {
        return Arrays.stream(name.split("[^A-Za-z]+"))
                .map(word -> NAMES.get(word.toLowerCase(Locale.ROOT)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
