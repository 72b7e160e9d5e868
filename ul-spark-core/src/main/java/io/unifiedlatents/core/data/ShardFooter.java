package io.unifiedlatents.core.data;

import java.io.Serializable;
import java.util.List;

/**
 * The part of the footer of an image or clip shard that states how it was made.
 *
 * @param transform how the pictures were made, such as {@code adm-centre-crop-1 256}
 * @param encoding how they are stored
 * @param classes names in the order of the labels
 * @param configHash hash of the settings
 */
public record ShardFooter(String transform, Encoding encoding, List<String> classes, String configHash)
        implements Serializable {
    /** The version of the shards' layout, which their footers and the hash of a preparation's settings name. */
    public static final int FORMAT_VERSION = 2;

    /** Copies the list. */
    public ShardFooter {
        classes = List.copyOf(classes);
    }
}
