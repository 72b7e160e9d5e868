package io.unifiedlatents.core.data;

import io.unifiedlatents.core.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Objects;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** A file of a {@link Storage} as Parquet sees files. */
final class ShardFile {
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
     * Counts and digests what is written; Parquet writes files strictly front to back, and closes them: the owner of
     * the stream ends it.
     */
    static final class Output extends PositionOutputStream implements OutputFile {
        private final OutputStream out;
        private final MessageDigest digest = Hashes.newSha256();
        private @Nullable ByteArrayOutputStream tail;
        private long position;

        Output(OutputStream out) {
            this.out = out;
        }

        /** Holds what is written from now on back: indices and footer. */
        void holdTail() {
            tail = new ByteArrayOutputStream();
        }

        /** Writes what was held back, its footer in order. */
        void releaseTail() throws IOException {
            ByteArrayOutputStream held = Objects.requireNonNull(tail, "nothing was held back");
            tail = null;
            position -= held.size();
            byte[] ordered = FooterOrder.of(held.toByteArray());
            write(ordered, 0, ordered.length);
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
