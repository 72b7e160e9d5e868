package io.unifiedlatents.dataprep;

import io.unifiedlatents.dataprep.source.Annotation;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of the first pass for an input.
 *
 * @param path name of the input
 * @param annotation class, caption and split that the source gives
 * @param bytes its length
 * @param sha256 digest of its bytes; empty where they were not read
 * @param problem the reason why it cannot be used; null where it can
 * @param width of the source in pixels, 0 where unknown
 * @param height of the source in pixels, 0 where unknown
 * @param millis spent reading, decoding and encoding
 * @param samples samples made of it; empty where it cannot be used
 */
record Status(
        String path,
        Annotation annotation,
        long bytes,
        String sha256,
        @Nullable String problem,
        int width,
        int height,
        long millis,
        List<StoredSample> samples)
        implements Serializable {
    static Status unusable(String path, Annotation annotation, long bytes, String sha256, String problem, long millis) {
        return new Status(path, annotation, bytes, sha256, problem, 0, 0, millis, List.of());
    }
}
