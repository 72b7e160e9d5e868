package io.unifiedlatents.core.numpy;

import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes named arrays in NumPy's .npz format: a zip of {@code <name>.npy}, stored (numpy.savez) or deflated.
 * {@link NpzFile} reads them.
 */
public final class Npz {
    private static final String SUFFIX = ".npy";
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0); // equal arrays, equal bytes

    private Npz() {}

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
