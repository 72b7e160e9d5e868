package io.unifiedlatents.core.storage;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unifiedlatents.core.config.Check;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.FSDataInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file of named tensors in the safetensors format: header length (u64, little-endian), JSON header, values
 * (little-endian). Float32 vectors are written in one pass; any range of a float32 tensor is read without the rest.
 *
 * <p>A reader is for one thread at a time and is closed by whoever opened it.
 */
public final class SafeTensors implements Closeable {
    private static final long HEADER_OFFSET = Long.BYTES;

    /** The limit of the format's reference implementation. */
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int BLOCK_BYTES = 1 << 18;
    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * A float32 vector to be written.
     *
     * @param name unique in its file
     * @param size number of elements
     * @param values the elements in order, in buffers of any length, which are read from position to limit and left as
     *     they were
     */
    public record Source(String name, long size, Iterable<FloatBuffer> values) {}

    /**
     * A written file.
     *
     * @param bytes length
     * @param sha256 digest of the whole file, lower-case hexadecimal
     */
    public record Written(long bytes, String sha256) {}

    /**
     * A tensor of a file.
     *
     * @param dtype element type as the format names it, such as {@code F32}
     * @param shape sizes, outermost first; empty for a scalar
     * @param begin offset of its first byte behind the header
     * @param end one past its last byte
     */
    public record Tensor(String dtype, List<Long> shape, long begin, long end) {}

    private final String file;
    private final FSDataInputStream in;
    private final long valuesOffset;
    private final Map<String, Tensor> tensors;
    private final byte[] block = new byte[BLOCK_BYTES];

    private SafeTensors(String file, long fileBytes, FSDataInputStream in) throws IOException {
        this.file = file;
        this.in = in;
        byte[] json = readHeader(fileBytes);
        this.valuesOffset = HEADER_OFFSET + json.length;
        this.tensors = Collections.unmodifiableMap(parse(json, fileBytes));
    }

    /**
     * Creates or replaces a file, which readers must not look for yet, see {@link Storage#create}.
     *
     * @param metadata free text by name, stored in the header
     * @throws IllegalArgumentException if a source has more or fewer values than its size; the file is then useless
     */
    public static Written write(Storage storage, String name, Map<String, String> metadata, List<Source> tensors)
            throws IOException {
        byte[] json = header(metadata, tensors);
        MessageDigest digest = DigestUtils.getSha256Digest();
        try (OutputStream out = new DigestOutputStream(storage.create(name), digest)) {
            byte[] block = new byte[BLOCK_BYTES];
            little(block).putLong(json.length);
            out.write(block, 0, Long.BYTES);
            out.write(json);
            for (Source tensor : tensors) {
                writeValues(tensor, block, out);
            }
        }
        long values = tensors.stream().mapToLong(Source::size).sum();
        return new Written(
                HEADER_OFFSET + json.length + values * Float.BYTES,
                HexFormat.of().formatHex(digest.digest()));
    }

    private static byte[] header(Map<String, String> metadata, List<Source> tensors) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.set(METADATA, JSON.valueToTree(metadata));
        long begin = 0;
        for (Source tensor : tensors) {
            Check.argument(!root.has(tensor.name), "tensor %s is given twice or reserved", tensor.name);
            long end = begin + tensor.size * Float.BYTES;
            ObjectNode entry = root.putObject(tensor.name).put("dtype", "F32");
            entry.putArray("shape").add(tensor.size);
            entry.putArray("data_offsets").add(begin).add(end);
            begin = end;
        }
        byte[] json = JSON.writeValueAsBytes(root);
        byte[] padded = Arrays.copyOf(json, (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
        Arrays.fill(padded, json.length, padded.length, (byte) ' '); // the format aligns values with spaces
        Check.argument(padded.length <= MAX_HEADER_BYTES, "header of %s bytes exceeds the format's limit", json.length);
        return padded;
    }

    private static void writeValues(Source tensor, byte[] block, OutputStream out) throws IOException {
        FloatBuffer floats = little(block).asFloatBuffer();
        long count = 0;
        for (FloatBuffer values : tensor.values) {
            for (int at = values.position(); at < values.limit(); ) {
                int length = Math.min(floats.capacity(), values.limit() - at);
                floats.put(0, values, at, length);
                out.write(block, 0, length * Float.BYTES);
                at += length;
                count += length;
            }
        }
        Check.argument(count == tensor.size, "tensor %s gave %s values, expected %s", tensor.name, count, tensor.size);
    }

    /**
     * Opens a file and checks its header; only a digest of the file checks its values.
     *
     * @throws CorruptDataException if the header is damaged or the file does not have the length it asks for
     */
    public static SafeTensors open(Storage storage, String name) throws IOException {
        long length = storage.length(name);
        FSDataInputStream in = storage.open(name);
        try {
            return new SafeTensors(storage.path(name).toString(), length, in);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private byte[] readHeader(long fileBytes) throws IOException {
        if (fileBytes < HEADER_OFFSET) {
            throw corrupt("it has " + fileBytes + " bytes, too few for a header");
        }
        in.readFully(0, block, 0, Long.BYTES);
        long length = little(block).getLong();
        if (length < 2 || length > MAX_HEADER_BYTES || length > fileBytes - HEADER_OFFSET) {
            throw corrupt("header length %s does not fit a file of %d bytes"
                    .formatted(Long.toUnsignedString(length), fileBytes));
        }
        byte[] json = new byte[(int) length];
        in.readFully(HEADER_OFFSET, json);
        return json;
    }

    /** Parses the header; returns the tensors in the order of their values, which leave no hole in the file. */
    private Map<String, Tensor> parse(byte[] json, long fileBytes) throws CorruptDataException {
        JsonNode root;
        try {
            root = JSON.readTree(new String(json, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw corrupt("its header is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw corrupt("its header is not a JSON object");
        }
        List<Map.Entry<String, Tensor>> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (!entry.getKey().equals(METADATA)) {
                entries.add(Map.entry(entry.getKey(), tensor(entry.getKey(), entry.getValue())));
            }
        }
        entries.sort(Map.Entry.comparingByValue(
                Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end)));
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        long end = 0;
        for (Map.Entry<String, Tensor> entry : entries) {
            if (entry.getValue().begin != end) {
                throw corrupt(
                        "tensor %s begins at %d, expected %d".formatted(entry.getKey(), entry.getValue().begin, end));
            }
            end = entry.getValue().end;
            ordered.put(entry.getKey(), entry.getValue());
        }
        if (valuesOffset + end != fileBytes) {
            throw corrupt("its tensors end at byte " + (valuesOffset + end) + ", the file at " + fileBytes);
        }
        return ordered;
    }

    private Tensor tensor(String name, JsonNode node) throws CorruptDataException {
        String dtype = node.path("dtype").asText();
        List<Long> shape = longs(node.path("shape"));
        List<Long> offsets = longs(node.path("data_offsets"));
        boolean complete = width(dtype) > 0
                && node.path("shape").isArray()
                && shape.size() == node.path("shape").size()
                && offsets.size() == 2
                && node.path("data_offsets").size() == 2;
        if (!complete) {
            throw corrupt("tensor " + name + " has dtype, shape or data_offsets missing or unknown");
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (end < begin || bytes(shape, width(dtype)) != end - begin) {
            throw corrupt("tensor " + name + " of shape " + shape + " does not fill bytes " + begin + " to " + end);
        }
        return new Tensor(dtype, shape, begin, end);
    }

    /** Bytes of an element of a type; 0 where the format does not know the type. */
    private static int width(String dtype) {
        return switch (dtype) {
            case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3" -> 1;
            case "I16", "U16", "F16", "BF16" -> 2;
            case "I32", "U32", "F32" -> 4;
            case "I64", "U64", "F64" -> 8;
            default -> 0;
        };
    }

    /** The non-negative integers of an array; fewer than its elements where it holds anything else. */
    private static List<Long> longs(JsonNode array) {
        List<Long> values = new ArrayList<>();
        for (JsonNode node : array) {
            if (node.canConvertToLong() && node.isIntegralNumber() && node.asLong() >= 0) {
                values.add(node.asLong());
            }
        }
        return List.copyOf(values);
    }

    /** Bytes of a tensor; -1 where they do not fit a long. */
    private static long bytes(List<Long> shape, int width) {
        try {
            return Math.multiplyExact(shape.stream().reduce(1L, Math::multiplyExact), (long) width);
        } catch (ArithmeticException e) {
            return -1;
        }
    }

    /** The tensors by name, in the order of their values in the file. */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * Reads part of a float32 tensor, taken as a flat vector.
     *
     * @param begin first element
     * @param end one past the last element
     * @param into buffers filled in order from position to limit, together at least {@code end - begin} long; their
     *     positions are left as they were
     * @throws CorruptDataException if the file has no such float32 tensor or ends early
     * @throws IllegalArgumentException if the range lies outside the tensor or {@code into} is too short
     */
    public void read(String name, long begin, long end, Iterable<FloatBuffer> into) throws IOException {
        Tensor tensor = tensors.get(name);
        if (tensor == null || !tensor.dtype.equals("F32")) {
            String found = tensor == null ? "only " + tensors.keySet() : tensor.dtype;
            throw corrupt("expected an F32 tensor " + name + ", found " + found);
        }
        long elements = (tensor.end - tensor.begin) / Float.BYTES;
        Check.argument(
                0 <= begin && begin <= end && end <= elements,
                "range [%s, %s) outside tensor %s of %s elements",
                begin,
                end,
                name,
                elements);
        FloatBuffer floats = little(block).asFloatBuffer();
        in.seek(valuesOffset + tensor.begin + begin * Float.BYTES);
        long left = end - begin;
        for (FloatBuffer target : into) {
            for (int at = target.position(); at < target.limit() && left > 0; ) {
                int length = (int) Math.min(left, Math.min(floats.capacity(), target.limit() - at));
                readBlock(length * Float.BYTES);
                target.put(at, floats, 0, length);
                at += length;
                left -= length;
            }
        }
        Check.argument(left == 0, "%s values of tensor %s did not fit into the given buffers", left, name);
    }

    private void readBlock(int bytes) throws IOException {
        try {
            in.readFully(block, 0, bytes);
        } catch (EOFException e) {
            throw corrupt("it ends within a tensor", e);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private CorruptDataException corrupt(String reason) {
        return corrupt(reason, null);
    }

    private CorruptDataException corrupt(String reason, @Nullable Throwable cause) {
        return new CorruptDataException(
                file + " is not a sound safetensors file: " + reason + "; use another copy", cause);
    }
}
