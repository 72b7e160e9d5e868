package io.unifiedlatents.core.sample;

import java.io.IOException;
import java.io.InputStream;

/** Opens exported networks by the names of {@link Exports}. */
@FunctionalInterface
public interface NetworkSource {
    /** The file of this name, closed by the receiver. */
    InputStream open(String name) throws IOException;
}
