package io.unifiedlatents.core.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/**
 * Puts what Parquet's writer takes out of hash sets into order. It lists the encodings of a column in the order of a
 * set of enum constants, whose hashes are addresses: the same rows would give other bytes in another process.
 */
final class FooterOrder {
    private static final int LENGTH_AND_MAGIC = 8;

    private FooterOrder() {}

    /**
     * The end of a file with its footer in order.
     *
     * @param tail bytes of a Parquet file up to its end, at least its whole footer
     */
    static byte[] of(byte[] tail) throws IOException {
        int end = tail.length - LENGTH_AND_MAGIC;
        int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt(end);
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(tail, end - length, length));
        for (RowGroup group : footer.getRow_groups()) {
            for (ColumnChunk column : group.getColumns()) {
                Collections.sort(column.getMeta_data().getEncodings());
            }
        }
        ByteArrayOutputStream ordered = new ByteArrayOutputStream(tail.length);
        ordered.write(tail, 0, end - length);
        Util.writeFileMetaData(footer, ordered);
        ordered.write(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(ordered.size() - (end - length))
                .array());
        ordered.write(tail, tail.length - Integer.BYTES, Integer.BYTES);
        return ordered.toByteArray();
    }
}
