package io.unifiedlatents.dataprep.source;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a table says of inputs, besides what their source says. */
public interface Annotations {
    /** What it says of the input of this path; null where it has no row for it. */
    @Nullable
    Annotation get(String path);

    /** Names of the rows whose input is not among {@code found}, in the order of the table. */
    List<String> missing(Set<String> found);
}
