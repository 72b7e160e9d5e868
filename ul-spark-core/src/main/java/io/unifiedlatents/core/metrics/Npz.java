package io.unifiedlatents.core.metrics;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Named arrays in NumPy's .npz format: a zip of {@code <name>.npy}, stored (numpy.savez) or deflated. */
public final class Npz {
    private static final String SUFFIX = ".npy";
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0); // equal arrays, equal bytes

    private Npz() {}

    /**
     * Reads the arrays asked for; others are passed over, however large or of whatever type.
     *
     * @param in read to its end, not closed
     * @param file its name, for messages
     * @param names without {@code .npy}
     * @throws io.unifiedlatents.core.config.ConfigException if one is missing or of an unsupported type
     * @throws CorruptDataException if a checksum is wrong or the file ends too early
     */
    public static Map<String, Npy> read(InputStream in, String file, Set<String> names) throws IOException {
        Map<String, Npy> arrays = new TreeMap<>();
        Set<String> seen = new TreeSet<>();
        ZipInputStream zip = new ZipInputStream(in);
        try {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName().replaceFirst("\\.npy$", "");
                if (!seen.add(name)) {
                    throw new CorruptDataException(file + " holds " + name + " twice");
                }
                if (names.contains(name)) {
                    arrays.put(name, Npy.read(zip, file + ":" + name));
                    if (zip.readNBytes(1).length > 0) { // also reads the checksum
                        throw new CorruptDataException(file + ":" + name + " is longer than its shape says");
                    }
                }
            }
        } catch (ZipException | EOFException e) {
            CorruptDataException corrupt =
                    new CorruptDataException(file + " is not a whole .npz file: " + e.getMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
        Check.setting(arrays.keySet().containsAll(names), "%s holds the arrays %s; needed are %s", file, seen, names);
        return arrays;
    }

    /** Writes arrays as they are (numpy.savez), in the order of their names. */
    public static void writeStored(OutputStream out, Map<String, Npy> arrays) throws IOException {
        write(out, arrays, ZipEntry.STORED);
    }

    /** Writes arrays compressed (numpy.savez_compressed), in the order of their names. */
    public static void writeDeflated(OutputStream out, Map<String, Npy> arrays) throws IOException {
        write(out, arrays, ZipEntry.DEFLATED);
    }

    private static void write(OutputStream out, Map<String, Npy> arrays, int method) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        for (Map.Entry<String, Npy> array : new TreeMap<>(arrays).entrySet()) {
            byte[] bytes = array.getValue().toFile();
            CRC32 crc = new CRC32();
            crc.update(bytes);
            ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
            entry.setTimeLocal(EPOCH);
            entry.setMethod(method);
            entry.setSize(bytes.length);
            entry.setCrc(crc.getValue());
            zip.putNextEntry(entry);
            zip.write(bytes);
            zip.closeEntry();
        }
        zip.finish();
        zip.flush();
    }
}
