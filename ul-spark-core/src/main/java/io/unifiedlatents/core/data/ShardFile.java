package io.unifiedlatents.core.data;

import io.unifiedlatents.core.storage.Storage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.Objects;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** A file of a {@link Storage} as an input or output of Parquet. */
final class ShardFile {
    private static final int MAGIC_BYTES = 4;

    private ShardFile() {}

    /** An open file of known length. */
    record Input(Storage storage, String name, long bytes) implements InputFile {
        @Override
        public long getLength() {
            return bytes;
        }

        @Override
        public SeekableInputStream newStream() throws IOException {
            return HadoopStreams.wrap(storage.open(name));
        }
    }

    /**
     * An output that counts and digests its bytes, which Parquet writes strictly front to back. Closing it, as Parquet
     * does, only flushes: the owner of the stream closes it.
     */
    static final class Output extends PositionOutputStream implements OutputFile {
        private final OutputStream out;
        private final MessageDigest digest = Hashes.newSha256();
        private @Nullable ByteArrayOutputStream tail;
        private long position;

        Output(OutputStream out) {
            this.out = out;
        }

        /** Keeps the following bytes, indices and footer, in memory until {@link #releaseTail}. */
        void holdTail() {
            tail = new ByteArrayOutputStream();
        }

        /**
         * Writes the bytes held back, with the encodings of each column sorted: Parquet lists them in the order of a
         * hash set of enum constants, whose hashes are addresses, so another process would write other bytes.
         */
        void releaseTail() throws IOException {
            byte[] held = Objects.requireNonNull(tail, "nothing was held back").toByteArray();
            tail = null;
            position -= held.length;
            int end = held.length - Integer.BYTES - MAGIC_BYTES;
            int start =
                    end - ByteBuffer.wrap(held).order(ByteOrder.LITTLE_ENDIAN).getInt(end);
            FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(held, start, end - start));
            footer.getRow_groups().stream()
                    .flatMap(group -> group.getColumns().stream())
                    .forEach(column -> Collections.sort(column.getMeta_data().getEncodings()));
            write(held, 0, start);
            long before = position;
            Util.writeFileMetaData(footer, this);
            write(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt((int) (position - before))
                    .array());
            write(held, held.length - MAGIC_BYTES, MAGIC_BYTES);
        }

        /** SHA-256 of all bytes written; once. */
        String sha256() {
            return Hashes.hex(digest.digest());
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            position += length;
            if (tail != null) {
                tail.write(bytes, offset, length);
                return;
            }
            out.write(bytes, offset, length);
            digest.update(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }

        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return this;
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return this;
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
