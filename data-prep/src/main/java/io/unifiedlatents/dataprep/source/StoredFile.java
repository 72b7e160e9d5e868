package io.unifiedlatents.dataprep.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * A stretch of an open file, as seen by parsers of its content: failures of the storage come out as {@link Failure}, so
 * that whatever else a parser throws is damage.
 */
final class StoredFile extends InputStream {
    /** A failure of the storage; trying again may help. */
    static final class Failure extends IOException {
        Failure(String message) {
            super(message);
        }

        Failure(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private final String name;
    private final FSDataInputStream in;
    private final long end;
    private long position;

    /**
     * A view of a stream, which it closes.
     *
     * @param name for messages
     * @param from first byte
     * @param end the byte behind the last, at most the length that the file was listed with
     */
    StoredFile(String name, FSDataInputStream in, long from, long end) throws IOException {
        this.name = name;
        this.in = in;
        this.end = end;
        this.position = in.getPos();
        seek(from);
    }

    /** Rethrows a failure of the storage that a parser passed on or wrapped; returns where there is none. */
    static void rethrow(Exception thrown) throws Failure {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof Failure failure) {
                throw failure;
            }
        }
    }

    /** Returns why content cannot be parsed; rethrows a failure of the storage. */
    static String damage(Exception thrown) throws Failure {
        rethrow(thrown);
        return thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    }

    /** The place of the next byte in the file. */
    long position() {
        return position;
    }

    /** Goes to a place in the file; reading at the end or behind it finds the end. */
    void seek(long target) throws IOException {
        if (target < 0) {
            throw new EOFException("no byte " + target + " in " + name);
        }
        if (target != position && target < end) {
            try {
                in.seek(target);
            } catch (IOException e) {
                throw new Failure(e);
            }
        }
        position = target;
    }

    @Override
    public int read() throws Failure {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws Failure {
        if (length == 0) {
            return 0;
        }
        if (position >= end) {
            return -1;
        }
        try {
            int count = in.read(target, offset, (int) Math.min(length, end - position));
            if (count < 0) {
                throw new Failure(name + " ended before byte " + position + ", it was listed with " + end + " or more");
            }
            position += count;
            return count;
        } catch (Failure e) {
            throw e;
        } catch (IOException e) {
            throw new Failure(e);
        }
    }

    /** Skips by seeking; stops at the end. */
    @Override
    public long skip(long count) throws IOException {
        long skipped = Math.max(0, Math.min(count, end - position));
        seek(position + skipped);
        return skipped;
    }

    @Override
    public int available() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
