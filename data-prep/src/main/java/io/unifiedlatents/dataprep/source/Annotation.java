package io.unifiedlatents.dataprep.source;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The annotation of an input: label, caption and split; null where nothing is stated.
 *
 * @param className its class, as the source names it; a decimal number where the source numbers its classes
 * @param caption a text that describes it
 * @param split the part of the data set it was published in, such as {@code train}
 */
public record Annotation(
        @Nullable String className,
        @Nullable String caption,
        @Nullable String split) implements Serializable {
    /** Says nothing. */
    public static final Annotation NONE = new Annotation(null, null, null);

    /** An annotation by class alone. */
    static Annotation ofClass(@Nullable String className) {
        return className == null ? NONE : new Annotation(className, null, null);
    }
}
