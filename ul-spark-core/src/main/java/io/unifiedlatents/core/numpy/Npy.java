package io.unifiedlatents.core.numpy;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One array in NumPy's format (numpy.lib.format, versions 1 and 2): C order, little-endian, at most 2 GiB.
 *
 * <pre>
 * 0x93 "NUMPY" | major u8 | minor u8 | header length u16 (version 1) or u32 (version 2)
 * header: {'descr': '&lt;f8', 'fortran_order': False, 'shape': (2048, 2048), } spaces, newline; ends on a multiple of 64
 * elements, last axis fastest
 * </pre>
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;
    private static final int LARGEST_HEADER = 1 << 20;
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\s]*)\\)");

    private final Type type;
    private final int[] shape;
    private final byte[] elements; // little-endian

    /** Types of elements, by NumPy's names. */
    public enum Type {
        /** IEEE single precision. */
        FLOAT32("<f4", 4),
        /** IEEE double precision. */
        FLOAT64("<f8", 8),
        /** Signed, 64 bits. */
        INT64("<i8", 8),
        /** Unsigned, 8 bits. */
        UINT8("|u1", 1);

        private final String descr;
        private final int size;

        Type(String descr, int size) {
            this.descr = descr;
            this.size = size;
        }
    }

    private Npy(Type type, int[] shape, byte[] elements) {
        Check.argument(
                elements.length == Arrays.stream(shape).asLongStream().reduce(type.size, Math::multiplyExact),
                "%d bytes do not fill an array of shape %s and type %s",
                elements.length,
                Arrays.toString(shape),
                type);
        this.type = type;
        this.shape = shape.clone();
        this.elements = elements;
    }

    /** An array of float64. */
    public static Npy of(double[] values, int... shape) {
        byte[] elements = new byte[Math.multiplyExact(values.length, Type.FLOAT64.size)];
        little(elements).asDoubleBuffer().put(values);
        return new Npy(Type.FLOAT64, shape, elements);
    }

    /** An array of float32. */
    public static Npy of(float[] values, int... shape) {
        byte[] elements = new byte[Math.multiplyExact(values.length, Type.FLOAT32.size)];
        little(elements).asFloatBuffer().put(values);
        return new Npy(Type.FLOAT32, shape, elements);
    }

    /** An array of int64. */
    public static Npy of(long[] values, int... shape) {
        byte[] elements = new byte[Math.multiplyExact(values.length, Type.INT64.size)];
        little(elements).asLongBuffer().put(values);
        return new Npy(Type.INT64, shape, elements);
    }

    /** An array of uint8. */
    public static Npy of(byte[] values, int... shape) {
        return new Npy(Type.UINT8, shape, values.clone());
    }

    /** The element types. */
    public Type type() {
        return type;
    }

    /** Length of each axis; empty for a scalar. */
    public int[] shape() {
        return shape.clone();
    }

    /** All elements of a float32 or float64 array. */
    public double[] doubles() {
        if (type == Type.FLOAT32) {
            float[] singles = floats();
            double[] values = new double[singles.length];
            Arrays.setAll(values, i -> singles[i]);
            return values;
        }
        double[] values = new double[elements(Type.FLOAT64)];
        little(elements).asDoubleBuffer().get(values);
        return values;
    }

    /** All elements of a float32 array. */
    public float[] floats() {
        float[] values = new float[elements(Type.FLOAT32)];
        little(elements).asFloatBuffer().get(values);
        return values;
    }

    /** All elements of an int64 array. */
    public long[] longs() {
        long[] values = new long[elements(Type.INT64)];
        little(elements).asLongBuffer().get(values);
        return values;
    }

    /** All elements of a uint8 array; the caller's own. */
    public byte[] bytes() {
        return Arrays.copyOf(elements, elements(Type.UINT8));
    }

    /**
     * Reads one array and nothing after it.
     *
     * @param name of the file or entry, for messages
     * @throws ConfigException for what is not supported: object and structured arrays, other types, Fortran order, big
     *     endian, 2 GiB and more
     * @throws CorruptDataException for bytes that are no such file, or end too early
     */
    public static Npy read(InputStream in, String name) throws IOException {
        Header header = Header.read(in, name);
        long size = header.elements() * header.type.size;
        Check.setting(size < Integer.MAX_VALUE, "%s has %d bytes, over the 2 GiB that one array may have", name, size);
        byte[] elements = in.readNBytes((int) size);
        if (elements.length < size) {
            throw new CorruptDataException(name + " ends after " + elements.length + " bytes of elements, its shape "
                    + Arrays.toString(header.shape) + " needs " + size);
        }
        int[] shape = Arrays.stream(header.shape).mapToInt(Math::toIntExact).toArray();
        return new Npy(header.type, shape, elements);
    }

    /**
     * The header of a file.
     *
     * @param type of the elements
     * @param shape of any size
     * @param length bytes before the first element
     */
    public record Header(Type type, long[] shape, int length) {
        /** Reads up to the first element; errors as of {@link Npy#read}. */
        public static Header read(InputStream in, String name) throws IOException {
            byte[] start = in.readNBytes(MAGIC.length + 2);
            if (start.length < MAGIC.length + 2 || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
                throw new CorruptDataException(name + " does not begin as a .npy file");
            }
            int major = start[MAGIC.length];
            Check.setting(
                    major == 1 || major == 2,
                    "%s is a .npy file of version %d; versions 1 and 2 are read: save plain arrays with numpy.save",
                    name,
                    major);
            int width = major == 1 ? Short.BYTES : Integer.BYTES;
            String text = text(in, name, width);
            Type type = Npy.type(field(DESCR, text, name), name);
            Check.setting(
                    field(FORTRAN, text, name).equals("False"),
                    "%s is in Fortran order; save numpy.ascontiguousarray(array)",
                    name);
            String dimensions = field(SHAPE, text, name);
            try {
                long[] shape = Arrays.stream(dimensions.split(","))
                        .map(String::strip)
                        .filter(axis -> !axis.isEmpty())
                        .mapToLong(Long::parseLong)
                        .toArray();
                Header header = new Header(type, shape, start.length + width + text.length());
                Math.multiplyExact(header.elements(), (long) type.size);
                return header;
            } catch (ArithmeticException | NumberFormatException e) {
                throw new ConfigException(name + " has shape (" + dimensions + "), more elements than can be counted");
            }
        }

        /** Their number. */
        long elements() {
            return Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }

        private static String text(InputStream in, String name, int width) throws IOException {
            byte[] lengthBytes = in.readNBytes(width);
            long length = 0;
            for (int i = lengthBytes.length - 1; i >= 0; i--) {
                length = (length << Byte.SIZE) + (lengthBytes[i] & 0xff);
            }
            if (lengthBytes.length < width || length > LARGEST_HEADER) {
                throw new CorruptDataException(name + ": a .npy header of " + length + " bytes is not plausible");
            }
            byte[] header = in.readNBytes((int) length);
            if (header.length < length) {
                throw new CorruptDataException(name + " ends inside its .npy header");
            }
            return new String(header, StandardCharsets.ISO_8859_1);
        }
    }

    /** The bytes of a file of version 1. */
    public byte[] toFile() {
        String axes = Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", ", "(", ""));
        String header = "{'descr': '" + type.descr + "', 'fortran_order': False, 'shape': " + axes
                + (shape.length == 1 ? ",), }" : "), }");
        int unpadded = MAGIC.length + 2 + Short.BYTES + header.length() + 1; // and the newline
        int padding = Math.floorMod(-unpadded, ALIGNMENT);
        byte[] text = (header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream file = new ByteArrayOutputStream(unpadded + padding + elements.length);
        file.writeBytes(MAGIC);
        file.write(1);
        file.write(0);
        file.write(text.length & 0xff);
        file.write(text.length >> Byte.SIZE);
        file.writeBytes(text);
        file.writeBytes(elements);
        return file.toByteArray();
    }

    private static String field(Pattern pattern, String header, String name) {
        Matcher matcher = pattern.matcher(header);
        Check.setting(
                matcher.find(),
                "%s: cannot read the .npy header %s; plain arrays of float32, float64, int64 and uint8 are supported",
                name,
                header.strip());
        return matcher.group(1);
    }

    private static Type type(String descr, String name) {
        String same = descr.equals("<u1") ? "|u1" : descr;
        for (Type type : Type.values()) {
            if (type.descr.equals(same)) {
                return type;
            }
        }
        String why = descr.startsWith(">") ? " (big endian)" : descr.startsWith("|O") ? " (Python objects)" : "";
        throw new ConfigException(name + " has elements of type '" + descr + "'" + why
                + "; save it as float32, float64, int64 or uint8 with array.astype");
    }

    private int elements(Type wanted) {
        Check.argument(type == wanted, "the array has elements of type %s, not %s", type, wanted);
        return elements.length / type.size;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
