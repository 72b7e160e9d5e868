package io.unifiedlatents.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.unifiedlatents.core.torchscript.ParameterLayout;
import java.util.List;
import java.util.Map;

/**
 * The description of a run that its checkpoints carry besides their vectors.
 *
 * @param layoutHash hash of names, shapes and order of the parameters within the vectors; a reader refuses another
 * @param parameters the parameters in the order of the vectors
 * @param scriptHash SHA-256 of the text of the training script, that is, of what a step computes
 * @param identityHash SHA-256 of the settings and data that a run never changes, see {@link RunIdentity}
 * @param config the resolved settings of the run
 * @param extra hashes of the data that the run trains on, by name
 */
public record CheckpointHeader(
        String layoutHash,
        List<Parameter> parameters,
        String scriptHash,
        String identityHash,
        JsonNode config,
        Map<String, String> extra) {
    /**
     * A parameter in the order of the vectors.
     *
     * @param name path of layer and role
     * @param shape extents, row-major
     */
    public record Parameter(String name, List<Long> shape) {
        /** Number of elements. */
        public long size() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }
    }

    public CheckpointHeader {
        parameters = List.copyOf(parameters);
        extra = Map.copyOf(extra);
    }

    /** The header of a run. */
    public static CheckpointHeader of(
            ParameterLayout layout, String scriptHash, RunIdentity identity, JsonNode config) {
        return new CheckpointHeader(
                layout.hash(), parameters(layout), scriptHash, identity.hash(), config, identity.data());
    }

    /** The parameters of a layout in their order. */
    public static List<Parameter> parameters(ParameterLayout layout) {
        return layout.entries().stream()
                .map(entry -> new Parameter(entry.name(), entry.shape()))
                .toList();
    }
}
