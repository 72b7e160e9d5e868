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
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
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

    private final List<Graph> methods;
    private final @Nullable FloatBuffer weights;

    private Archive(@Nullable FloatBuffer weights, Graph... methods) {
        this.weights = weights;
        this.methods = List.of(methods);
    }

    /** A script whose methods take all parameters as arguments. */
    public static Archive of(Graph... methods) {
        return new Archive(null, methods);
    }

    /**
     * A script that carries the parameters its methods use.
     *
     * @param weights flat vector in the order of the methods' layout, position to limit; read when the archive is
     *     written
     */
    public static Archive withWeights(FloatBuffer weights, Graph... methods) {
        return new Archive(weights.slice(), methods);
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
        code.append(weights == null ? "  __buffers__ = []\n" : "  __buffers__ = [\"weights\", ]\n  weights : Tensor\n");
        code.append("  training : bool\n  _is_full_backward_hook : Optional[bool]\n");
        methods.forEach(method -> code.append(method.text()));
        return code.toString();
    }

    /** Writes the archive; the stream stays open. */
    public void writeTo(OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.setMethod(ZipOutputStream.STORED);
        store(zip, "version", "10\n");
        store(zip, "constants.pkl", "\u0080\u0002).");
        store(zip, "data.pkl", pickledObject());
        byte[] code = code().getBytes(StandardCharsets.UTF_8);
        store(zip, "code/__torch__.py", code.length, entry -> entry.write(code));
        FloatBuffer floats = weights;
        if (floats != null) {
            store(zip, "data/0", 4L * floats.remaining(), entry -> copy(floats, entry));
        }
        zip.finish();
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private static void store(ZipOutputStream zip, String name, String bytes) throws IOException {
        store(zip, name, bytes.length(), entry -> entry.write(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void store(ZipOutputStream zip, String name, long size, Content content) throws IOException {
        CheckedOutputStream checksum = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32());
        content.writeTo(checksum);
        ZipEntry entry = new ZipEntry(FOLDER + name);
        entry.setTime(0); // the same model gives the same bytes
        entry.setSize(size);
        entry.setCompressedSize(size);
        entry.setCrc(checksum.getChecksum().getValue());
        zip.putNextEntry(entry);
        content.writeTo(zip);
        zip.closeEntry();
    }

    private static void copy(FloatBuffer weights, OutputStream out) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * COPY_FLOATS).order(ByteOrder.LITTLE_ENDIAN);
        for (int begin = 0; begin < weights.remaining(); begin += COPY_FLOATS) {
            int count = Math.min(COPY_FLOATS, weights.remaining() - begin);
            bytes.asFloatBuffer().put(weights.slice(begin, count));
            out.write(bytes.array(), 0, 4 * count);
        }
    }

    /** The module object as a pickle, one character a byte: class UL with its attributes. */
    private String pickledObject() {
        return "\u0080\u0002" // protocol 2
                + global("__torch__", "UL")
                + ")\u0081}(" // NEWOBJ, then the state as a dictionary
                + (weights == null ? "" : text("weights") + tensor(weights.remaining()))
                + (text("training") + "\u0089") // False
                + (text("_is_full_backward_hook") + "N")
                + "ub.";
    }

    /** The call {@code torch._utils._rebuild_tensor_v2(storage, 0, (n,), (1,), False, OrderedDict())}. */
    private static String tensor(int elements) {
        Check.argument(elements > 0, "an archive with weights needs at least one, got %d", elements);
        String storage = text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu");
        return global("torch._utils", "_rebuild_tensor_v2")
                + ("((" + storage + integer(elements) + "tQ") // persistent id: data/0
                + integer(0)
                + (integer(elements) + "\u0085") // 1-tuple
                + (integer(1) + "\u0085")
                + "\u0089"
                + (global("collections", "OrderedDict") + ")RtR");
    }

    private static String global(String module, String name) {
        return "c" + module + "\n" + name + "\n";
    }

    private static String text(String ascii) {
        return "X" + littleEndian(ascii.length()) + ascii;
    }

    private static String integer(int value) {
        return "J" + littleEndian(value);
    }

    private static String littleEndian(int value) {
        byte[] bytes = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
