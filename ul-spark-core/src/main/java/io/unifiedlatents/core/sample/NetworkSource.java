package io.unifiedlatents.core.sample;

import ai.djl.Device;
import io.unifiedlatents.core.torchscript.Program;
import java.io.IOException;
import java.io.InputStream;

/** Opens exported networks by the names of {@link Exports}. */
@FunctionalInterface
public interface NetworkSource {
    /** The file of this name, closed by the receiver. */
    InputStream open(String name) throws IOException;

    /** Loads the network of this name; the caller closes it. */
    default Program load(String name, Device device) throws IOException {
        try (InputStream in = open(name)) {
            return Program.load(in, device);
        }
    }
}
