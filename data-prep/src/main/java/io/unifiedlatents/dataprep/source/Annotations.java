package io.unifiedlatents.dataprep.source;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of a table about inputs: labels, captions and splits, which count before those of the source. */
public interface Annotations {
    /** The annotation of the input of this path; null where the table has no row for it. */
    @Nullable
    Annotation get(String path);

    /** Names of the rows whose input is not among {@code found}, in the order of the table. */
    List<String> missing(Set<String> found);
}
