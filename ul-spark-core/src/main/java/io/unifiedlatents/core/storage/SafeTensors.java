package io.unifiedlatents.core.storage;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * A file of named tensors in the safetensors format: u64 little-endian header length, JSON header, raw little-endian
 * values. Writes float32 tensors in one pass; reads any range of a float32 tensor without reading the rest.
 *
 * <p>A reader is for one thread at a time and is closed by whoever opened it.
 */
public final class SafeTensors implements Closeable {
    static final long HEADER_OFFSET = Long.BYTES;

    /** The bound of the format's reference implementation. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int BLOCK_BYTES = 1 << 18;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A float32 tensor to be written.
     *
     * @param name unique in its file
     * @param shape sizes, outermost first; empty for a scalar
     * @param values its elements in order: as many as the product of the shape, in buffers of any length, which are
     *     read from position to limit and left as they were
     */
    public record Source(String name, List<Long> shape, Iterable<FloatBuffer> values) {
        public Source {
            shape = List.copyOf(shape);
        }

        /** A tensor of one dimension. */
        public static Source vector(String name, long size, Iterable<FloatBuffer> values) {
            return new Source(name, List.of(size), values);
        }
    }

    /**
     * What was written.
     *
     * @param bytes length of the file
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
    public record Tensor(String dtype, List<Long> shape, long begin, long end) {
        public Tensor {
            shape = List.copyOf(shape);
        }

        /** Number of elements: the product of the shape. */
        public long elements() {
            return product(shape);
        }
    }

    private final String file;
    private final FSDataInputStream in;
    private final SafeTensorsHeader header;
    private final byte[] block = new byte[BLOCK_BYTES];

    private SafeTensors(String file, FSDataInputStream in, SafeTensorsHeader header) {
        this.file = file;
        this.in = in;
        this.header = header;
    }

    /**
     * Creates or replaces a file, which readers must not look for yet, see {@link Storage#create}.
     *
     * @param metadata free text by name, stored in the header
     * @throws IllegalArgumentException if a source has more or fewer values than its shape says; the file is then
     *     useless
     */
    public static Written write(Storage storage, String name, Map<String, String> metadata, List<Source> tensors)
            throws IOException {
        byte[] json = header(metadata, tensors);
        MessageDigest digest = sha256();
        long bytes = HEADER_OFFSET + json.length;
        try (OutputStream out = new DigestOutputStream(storage.create(name), digest)) {
            byte[] length = new byte[Long.BYTES];
            ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length);
            out.write(length);
            out.write(json);
            byte[] block = new byte[BLOCK_BYTES];
            for (Source tensor : tensors) {
                bytes += writeValues(tensor, block, out) * Float.BYTES;
            }
        }
        return new Written(bytes, HexFormat.of().formatHex(digest.digest()));
    }

    private static byte[] header(Map<String, String> metadata, List<Source> tensors) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.set(SafeTensorsHeader.METADATA, JSON.valueToTree(metadata));
        long begin = 0;
        for (Source tensor : tensors) {
            Check.argument(!root.has(tensor.name), "tensor %s is given twice or reserved", tensor.name);
            long end = begin + product(tensor.shape) * Float.BYTES;
            ObjectNode entry = root.putObject(tensor.name).put("dtype", "F32");
            entry.set("shape", JSON.valueToTree(tensor.shape));
            entry.putArray("data_offsets").add(begin).add(end);
            begin = end;
        }
        byte[] json = JSON.writeValueAsBytes(root);
        byte[] padded = Arrays.copyOf(json, (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
        Arrays.fill(padded, json.length, padded.length, (byte) ' '); // the format aligns values with spaces
        Check.argument(padded.length <= MAX_HEADER_BYTES, "header of %s bytes exceeds the format's limit", json.length);
        return padded;
    }

    private static long writeValues(Source tensor, byte[] block, OutputStream out) throws IOException {
        FloatBuffer floats =
                ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
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
        long expected = product(tensor.shape);
        Check.argument(count == expected, "tensor %s gave %s values, expected %s", tensor.name, count, expected);
        return count;
    }

    /**
     * Opens a file and checks its header; values are checked by nothing but a digest of the file.
     *
     * @throws CorruptDataException if the header is damaged or the file does not have the length it asks for
     */
    public static SafeTensors open(Storage storage, String name) throws IOException {
        String file = storage.path(name).toString();
        long length = storage.length(name);
        FSDataInputStream in = storage.open(name);
        try {
            return new SafeTensors(file, in, readHeader(file, length, in));
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static SafeTensorsHeader readHeader(String file, long fileBytes, FSDataInputStream in) throws IOException {
        if (fileBytes < HEADER_OFFSET) {
            throw corrupt(file, "it has " + fileBytes + " bytes, too few for a header");
        }
        byte[] prefix = new byte[Long.BYTES];
        in.readFully(0, prefix);
        long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > MAX_HEADER_BYTES || length > fileBytes - HEADER_OFFSET) {
            throw corrupt(
                    file,
                    "header length " + Long.toUnsignedString(length) + " does not fit a file of " + fileBytes
                            + " bytes");
        }
        byte[] json = new byte[(int) length];
        in.readFully(HEADER_OFFSET, json);
        return SafeTensorsHeader.parse(
                file, new String(json, StandardCharsets.UTF_8), HEADER_OFFSET + length, fileBytes);
    }

    /** The tensors by name, in the order of their values in the file. */
    public Map<String, Tensor> tensors() {
        return header.tensors();
    }

    /** The free text of the header. */
    public Map<String, String> metadata() {
        return header.metadata();
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
        Tensor tensor = header.tensors().get(name);
        if (tensor == null || !tensor.dtype.equals("F32")) {
            String found = tensor == null ? "only " + header.tensors().keySet() : tensor.dtype;
            throw corrupt(file, "expected an F32 tensor " + name + ", found " + found);
        }
        Check.argument(
                0 <= begin && begin <= end && end <= tensor.elements(),
                "range [%s, %s) outside tensor %s of %s elements",
                begin,
                end,
                name,
                tensor.elements());
        FloatBuffer floats =
                ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        in.seek(header.valuesOffset() + tensor.begin + begin * Float.BYTES);
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
            CorruptDataException corrupt = corrupt(file, "it ends within a tensor");
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    static long product(List<Long> shape) {
        long product = 1;
        for (long size : shape) {
            Check.argument(size >= 0, "shape %s has a negative size", shape);
            product = Math.multiplyExact(product, size);
        }
        return product;
    }

    static CorruptDataException corrupt(String file, String reason) {
        return new CorruptDataException(file + " is not a sound safetensors file: " + reason + "; use another copy");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
