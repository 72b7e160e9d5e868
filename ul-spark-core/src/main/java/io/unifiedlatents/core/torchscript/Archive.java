package io.unifiedlatents.core.torchscript;

import io.unifiedlatents.core.config.Check;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript archive: one class with methods and, for exported models, the flat weights they use. It loads in DJL,
 * C++ and Python alike. Layout: a ZIP of STORED entries below {@code ul/} — {@code version}, {@code constants.pkl},
 * {@code data.pkl} (the object, pickle protocol 2), {@code code/__torch__.py}, {@code data/0} (little-endian floats).
 */
public final class Archive {
    private static final String FOLDER = "ul/";
    private static final int COPY_FLOATS = 1 << 18;

    private final List<Graph> methods = new ArrayList<>();
    private final List<String> strings = new ArrayList<>();
    private final @Nullable FloatBuffer weights;

    private Archive(@Nullable FloatBuffer weights) {
        this.weights = weights;
    }

    /** A script whose methods take all parameters as arguments. */
    public static Archive of(Graph... methods) {
        Archive archive = new Archive(null);
        archive.methods.addAll(List.of(methods));
        return archive;
    }

    /**
     * A script that carries the parameters its methods use.
     *
     * @param weights flat vector in the order of the methods' layout, position to limit; read when the archive is
     *     written
     */
    public static Archive withWeights(FloatBuffer weights, Graph... methods) {
        Archive archive = new Archive(weights.slice());
        archive.methods.addAll(List.of(methods));
        return archive;
    }

    /** Adds a method {@code name() -> str}: a description that travels with the model. */
    public Archive describe(String name, String text) {
        strings.add("  def " + name + "(self: __torch__.UL) -> str:\n    return \""
                + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"\n");
        return this;
    }

    /** The archive in memory. */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toByteArray();
    }

    /** The TorchScript text of the class. */
    public String code() {
        StringBuilder code = new StringBuilder("class UL(Module):\n  __parameters__ = []\n");
        code.append("  __buffers__ = [")
                .append(weights == null ? "" : "\"weights\", ")
                .append("]\n");
        code.append(weights == null ? "" : "  weights : Tensor\n");
        code.append("  training : bool\n  _is_full_backward_hook : Optional[bool]\n");
        methods.forEach(method -> code.append(method.text()));
        strings.forEach(code::append);
        return code.toString();
    }

    /** Writes the archive; the stream stays open. */
    public void writeTo(OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.setMethod(ZipOutputStream.STORED);
        store(zip, "version", "10\n".getBytes(StandardCharsets.UTF_8));
        store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        store(zip, "data.pkl", pickledObject());
        store(zip, "code/__torch__.py", code().getBytes(StandardCharsets.UTF_8));
        if (weights != null) {
            storeWeights(zip, weights);
        }
        zip.finish();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        begin(zip, name, content.length, crc.getValue());
        zip.write(content);
        zip.closeEntry();
    }

    private static void begin(ZipOutputStream zip, String name, long size, long crc) throws IOException {
        ZipEntry entry = new ZipEntry(FOLDER + name);
        entry.setTime(0); // the same model gives the same bytes
        entry.setSize(size);
        entry.setCompressedSize(size);
        entry.setCrc(crc);
        zip.putNextEntry(entry);
    }

    private interface Chunk {
        void accept(byte[] bytes, int length) throws IOException;
    }

    private static void storeWeights(ZipOutputStream zip, FloatBuffer weights) throws IOException {
        CRC32 crc = new CRC32();
        forEachChunk(weights, (bytes, length) -> crc.update(bytes, 0, length));
        begin(zip, "data/0", 4L * weights.remaining(), crc.getValue());
        forEachChunk(weights, (bytes, length) -> zip.write(bytes, 0, length));
        zip.closeEntry();
    }

    private static void forEachChunk(FloatBuffer weights, Chunk chunk) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * COPY_FLOATS).order(ByteOrder.LITTLE_ENDIAN);
        for (int begin = 0; begin < weights.remaining(); begin += COPY_FLOATS) {
            int count = Math.min(COPY_FLOATS, weights.remaining() - begin);
            bytes.asFloatBuffer().put(weights.slice(begin, count));
            chunk.accept(bytes.array(), 4 * count);
        }
    }

    /** The module object as a pickle: class UL with its attributes. */
    private byte[] pickledObject() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2});
        global(out, "__torch__", "UL");
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '('}); // NEWOBJ, then the state as a dictionary
        if (weights != null) {
            text(out, "weights");
            tensor(out, weights.remaining());
        }
        text(out, "training");
        out.write(0x89); // False
        text(out, "_is_full_backward_hook");
        out.writeBytes(new byte[] {'N', 'u', 'b', '.'});
        return out.toByteArray();
    }

    /** {@code torch._utils._rebuild_tensor_v2(storage, 0, (n,), (1,), False, OrderedDict())}. */
    private static void tensor(ByteArrayOutputStream out, int elements) {
        Check.argument(elements > 0, "an archive with weights needs at least one, got %d", elements);
        global(out, "torch._utils", "_rebuild_tensor_v2");
        out.writeBytes(new byte[] {'(', '('});
        text(out, "storage");
        global(out, "torch", "FloatStorage");
        text(out, "0");
        text(out, "cpu");
        integer(out, elements);
        out.writeBytes(new byte[] {'t', 'Q'}); // persistent id: data/0
        integer(out, 0);
        integer(out, elements);
        out.write(0x85); // 1-tuple
        integer(out, 1);
        out.write(0x85);
        out.write(0x89);
        global(out, "collections", "OrderedDict");
        out.writeBytes(new byte[] {')', 'R', 't', 'R'});
    }

    private static void global(ByteArrayOutputStream out, String module, String name) {
        out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void text(ByteArrayOutputStream out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        out.writeBytes(littleEndian(bytes.length));
        out.writeBytes(bytes);
    }

    private static void integer(ByteArrayOutputStream out, int value) {
        out.write('J');
        out.writeBytes(littleEndian(value));
    }

    private static byte[] littleEndian(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }
}
