package io.unifiedlatents.dataprep.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reader of the inputs of a part in their order, the same in every run. Not thread safe. */
public interface PartReader extends Closeable {
    /**
     * Returns the next input, or null at the end. An input that cannot be used has a {@link SourceInput#problem};
     * damage to an archive comes as such an input too.
     *
     * @throws IOException where the storage fails, which another try may cure
     */
    @Nullable
    SourceInput next() throws IOException;

    /** Returns a reader that makes an input of each item when its turn comes. */
    static <T> PartReader of(List<T> items, InParallel.Request<T, SourceInput> input) {
        Iterator<T> left = items.iterator();
        return new PartReader() {
            @Override
            public @Nullable SourceInput next() throws IOException {
                return left.hasNext() ? input.of(left.next()) : null;
            }

            @Override
            public void close() {}
        };
    }
}
