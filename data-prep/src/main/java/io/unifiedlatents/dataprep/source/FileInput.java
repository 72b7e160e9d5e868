package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A file, opened when it is read. */
record FileInput(String path, long length, Annotation annotation, Opening opening) implements SourceInput {
    /** Opens the file. */
    interface Opening {
        InputStream open() throws IOException;
    }

    @Override
    public @Nullable String problem() {
        return null;
    }

    @Override
    public byte[] read() throws IOException {
        try (InputStream in = opening.open()) {
            byte[] bytes = in.readNBytes(Math.toIntExact(MAX_BYTES + 1));
            if (length < 0 && bytes.length > MAX_BYTES) {
                throw new IOException(path + " has more than " + MAX_BYTES + " bytes; leave it out");
            }
            if (length >= 0 && bytes.length != length) {
                throw new IOException(path + " had " + length + " bytes when it was listed, now it has " + bytes.length
                        + "; leave the source as it is while it is read");
            }
            return bytes;
        }
    }
}
