package io.unifiedlatents.dataprep.source;

import org.jspecify.annotations.Nullable;

/** An input whose bytes, where it has any, have been read. */
record HeldInput(
        String path,
        long length,
        Annotation annotation,
        @Nullable String problem,
        byte @Nullable [] bytes) implements SourceInput {
    static HeldInput of(String path, byte[] bytes, Annotation annotation) {
        return new HeldInput(path, bytes.length, annotation, null, bytes);
    }

    static HeldInput unusable(String path, long length, String problem) {
        return new HeldInput(path, length, Annotation.NONE, problem, null);
    }

    @Override
    public byte[] read() {
        if (bytes == null) {
            throw new IllegalStateException(path + " cannot be read: " + problem);
        }
        return bytes;
    }
}
