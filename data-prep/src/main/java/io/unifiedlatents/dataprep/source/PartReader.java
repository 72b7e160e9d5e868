package io.unifiedlatents.dataprep.source;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The inputs of a part in their order, the same in every run. Not thread safe. */
public interface PartReader extends Closeable {
    /**
     * The next input, or null at the end. What cannot be used comes as an input with a {@link SourceInput#problem},
     * damage to an archive too.
     *
     * @throws IOException where the storage fails, which another try may cure
     */
    @Nullable
    SourceInput next() throws IOException;
}
