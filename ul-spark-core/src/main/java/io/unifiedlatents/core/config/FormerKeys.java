package io.unifiedlatents.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Keys of version 0.1 that have other names now. */
final class FormerKeys {
    /** The key or keys that took over, by the former key. */
    static final Map<String, String> NOW = Map.of(
            "prepare.resolution", "prepare.height and prepare.width; the networks' are model.height and model.width",
            "base.classes", "base.condition.kind=class and base.condition.classes",
            "base.classDropout", "base.condition.kind=class and base.condition.dropout");

    private FormerKeys() {}

    /** A recorded config with former keys under the names that they have now. */
    static JsonNode renamed(JsonNode recorded) {
        ObjectNode tree = recorded.deepCopy();
        if (tree.path("prepare").has("resolution")) { // of prepared pictures and of the networks
            int side = tree.path("prepare").path("resolution").asInt();
            ((ObjectNode) tree.get("prepare")).put("height", side).put("width", side);
            tree.putObject("model")
                    .put("frames", 1)
                    .put("height", side)
                    .put("width", side)
                    .put("channels", 3);
        }
        if (tree.path("base").path("classes").asInt() > 0) {
            ((ObjectNode) tree.get("base"))
                    .putObject("condition")
                    .put("kind", "class")
                    .put("classes", tree.path("base").path("classes").asInt())
                    .put("dropout", tree.path("base").path("classDropout").asDouble());
        }
        return tree;
    }
}
