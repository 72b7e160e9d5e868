package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * One input of a source.
 *
 * @param path its name: relative to the source, with forward slashes; {@code <archive>/<member>} in archives,
 *     {@code <file>#<row>} in Parquet, the line itself in a list
 * @param length in bytes; -1 where it is not known before reading
 * @param annotation the class, caption and split that the source gives it
 * @param problem the reason why it cannot be used although it is there, else null: one of a few fixed short phrases, a
 *     colon, and the details, such as {@code "link: to ../x"}
 * @param content reads the bytes; null where there is a problem
 */
public record SourceInput(
        String path,
        long length,
        Annotation annotation,
        @Nullable String problem,
        @Nullable Content content) {
    /** Larger inputs are not read but reported: a task holds an input whole. */
    public static final long MAX_BYTES = 512L << 20;

    /** Reads the bytes of an input. */
    interface Content {
        byte[] read() throws IOException;
    }

    /** Opens a file. */
    interface Opening {
        InputStream open() throws IOException;
    }

    static SourceInput of(String path, byte[] bytes, Annotation annotation) {
        return new SourceInput(path, bytes.length, annotation, null, () -> bytes);
    }

    static SourceInput unusable(String path, long length, String problem) {
        return new SourceInput(path, length, Annotation.NONE, problem, null);
    }

    /**
     * Returns the input that a file is, or an unusable one where the file is too large; the file is opened on reading.
     */
    static SourceInput file(String path, long length, Annotation annotation, Opening opening) {
        return length > MAX_BYTES
                ? unusable(path, length, tooLarge(length))
                : new SourceInput(path, length, annotation, null, () -> readFile(path, length, opening));
    }

    /** The problem of an input above {@link #MAX_BYTES}. */
    static String tooLarge(long bytes) {
        return "too large: " + bytes + " bytes, at most " + MAX_BYTES + " are read";
    }

    private static byte[] readFile(String path, long length, Opening opening) throws IOException {
        try (InputStream in = opening.open()) {
            byte[] bytes = in.readNBytes(Math.toIntExact(MAX_BYTES + 1));
            if (bytes.length != length) {
                throw new IOException(path + " had " + length + " bytes when it was listed, now it has " + bytes.length
                        + "; leave the source as it is while it is read");
            }
            return bytes;
        }
    }

    /**
     * Returns the bytes, which the caller owns; to be called before the reader goes on to the next input.
     *
     * @throws IOException where the storage fails, which another try may cure
     * @throws IllegalStateException where the input has a problem
     */
    public byte[] read() throws IOException {
        if (content == null) {
            throw new IllegalStateException(path + " cannot be read: " + problem);
        }
        return content.read();
    }
}
