package io.unifiedlatents.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What a checkpoint says about itself besides its vectors.
 *
 * @param layoutHash names the order of the parameters within the vectors; a reader refuses another layout
 * @param config the resolved settings of the run
 * @param extra anything else that a resumed run needs, such as data position and seeds
 */
public record CheckpointHeader(String layoutHash, JsonNode config, Map<String, String> extra) {
    public CheckpointHeader {
        extra = Map.copyOf(extra);
    }
}
