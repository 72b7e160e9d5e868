package io.unifiedlatents.core.storage;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked header of a safetensors file.
 *
 * @param valuesOffset where the values begin in the file
 * @param tensors by name, in the order of their values, which follow each other without holes up to the file's end
 */
record SafeTensorsHeader(long valuesOffset, Map<String, String> metadata, Map<String, SafeTensors.Tensor> tensors) {
    static final String METADATA = "__metadata__";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Bytes per element of the types the format knows. */
    private static final Map<String, Integer> WIDTHS = Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry("U8", 1),
            Map.entry("I8", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("F8_E4M3", 1),
            Map.entry("I16", 2),
            Map.entry("U16", 2),
            Map.entry("F16", 2),
            Map.entry("BF16", 2),
            Map.entry("I32", 4),
            Map.entry("U32", 4),
            Map.entry("F32", 4),
            Map.entry("F64", 8),
            Map.entry("I64", 8),
            Map.entry("U64", 8));

    static SafeTensorsHeader parse(String file, String json, long valuesOffset, long fileBytes)
            throws CorruptDataException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            CorruptDataException corrupt =
                    SafeTensors.corrupt(file, "its header is not JSON: " + e.getOriginalMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
        if (!root.isObject()) {
            throw SafeTensors.corrupt(file, "its header is not a JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Map.Entry<String, SafeTensors.Tensor>> found = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (entry.getKey().equals(METADATA)) {
                entry.getValue()
                        .fields()
                        .forEachRemaining(
                                e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                found.add(Map.entry(entry.getKey(), tensor(file, entry.getKey(), entry.getValue())));
            }
        }
        return new SafeTensorsHeader(
                valuesOffset,
                Collections.unmodifiableMap(metadata),
                Collections.unmodifiableMap(ordered(file, found, valuesOffset, fileBytes)));
    }

    /** The tensors in the order of their values, which must leave no hole. */
    private static Map<String, SafeTensors.Tensor> ordered(
            String file, List<Map.Entry<String, SafeTensors.Tensor>> found, long valuesOffset, long fileBytes)
            throws CorruptDataException {
        found.sort(Comparator.comparing((Map.Entry<String, SafeTensors.Tensor> e) ->
                        e.getValue().begin())
                .thenComparing(e -> e.getValue().end()));
        Map<String, SafeTensors.Tensor> tensors = new LinkedHashMap<>();
        long at = 0;
        for (Map.Entry<String, SafeTensors.Tensor> entry : found) {
            if (entry.getValue().begin() != at) {
                throw SafeTensors.corrupt(
                        file,
                        "tensor " + entry.getKey() + " begins at "
                                + entry.getValue().begin() + ", expected " + at);
            }
            at = entry.getValue().end();
            tensors.put(entry.getKey(), entry.getValue());
        }
        if (valuesOffset + at != fileBytes) {
            throw SafeTensors.corrupt(
                    file, "its tensors end at byte " + (valuesOffset + at) + ", the file at " + fileBytes);
        }
        return tensors;
    }

    private static SafeTensors.Tensor tensor(String file, String name, JsonNode node) throws CorruptDataException {
        String dtype = node.path("dtype").asText();
        int width = WIDTHS.getOrDefault(dtype, 0);
        JsonNode offsets = node.path("data_offsets");
        List<Long> shape = longs(node.path("shape"));
        boolean complete = width > 0
                && node.path("shape").isArray()
                && shape.size() == node.path("shape").size()
                && offsets.size() == 2
                && longs(offsets).size() == 2;
        if (!complete) {
            throw SafeTensors.corrupt(file, "tensor " + name + " has dtype, shape or data_offsets missing or unknown");
        }
        long begin = offsets.get(0).asLong();
        long end = offsets.get(1).asLong();
        if (end < begin || bytes(shape, width) != end - begin) {
            throw SafeTensors.corrupt(
                    file, "tensor " + name + " of shape " + shape + " does not fill bytes " + begin + " to " + end);
        }
        return new SafeTensors.Tensor(dtype, shape, begin, end);
    }

    /** The non-negative integers of an array; shorter than the array where it holds anything else. */
    private static List<Long> longs(JsonNode array) {
        List<Long> values = new ArrayList<>();
        for (JsonNode node : array) {
            if (node.canConvertToLong() && node.isIntegralNumber() && node.asLong() >= 0) {
                values.add(node.asLong());
            }
        }
        return values;
    }

    /** Bytes of a tensor, or -1 where they do not fit a long. */
    private static long bytes(List<Long> shape, int width) {
        try {
            return Math.multiplyExact(SafeTensors.product(shape), (long) width);
        } catch (ArithmeticException e) {
            return -1;
        }
    }
}
