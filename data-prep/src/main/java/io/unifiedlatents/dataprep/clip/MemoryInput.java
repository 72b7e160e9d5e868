package io.unifiedlatents.dataprep.clip;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A file in memory as FFmpeg reads it. One pair of callbacks serves all files, since JavaCPP has room for ten at a
 * time; the address of a native byte tells them which file is meant.
 */
final class MemoryInput implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int SEEK_KIND = 0xFFFF; // the rest are flags
    private static final Map<Long, MemoryInput> OPEN = new ConcurrentHashMap<>();
    private static final Read READ = new Read();
    private static final Seek SEEK = new Seek();

    private final byte[] bytes;
    private final Deadline deadline;
    private final Pointer key;
    private final AVIOContext context;
    private long position;

    MemoryInput(byte[] bytes, Deadline deadline) {
        this.bytes = bytes;
        this.deadline = deadline;
        this.key = avutil.av_malloc(1);
        OPEN.put(key.address(), this);
        BytePointer buffer = new BytePointer(avutil.av_malloc(BUFFER_BYTES));
        this.context = avformat.avio_alloc_context(buffer, BUFFER_BYTES, 0, key, READ, null, SEEK);
    }

    AVIOContext context() {
        return context;
    }

    /** Frees the native side, after the format context that reads from it. */
    @Override
    public void close() {
        if (OPEN.remove(key.address(), this)) {
            avutil.av_free(context.buffer()); // not always the one it began with
            avformat.avio_context_free(context);
            avutil.av_free(key);
        }
    }

    private int read(BytePointer to, int size) {
        if (deadline.passed()) {
            return avutil.AVERROR_EXIT();
        }
        int length = (int) Math.min(size, bytes.length - position);
        if (length <= 0) {
            return avutil.AVERROR_EOF();
        }
        to.put(bytes, (int) position, length);
        position += length;
        return length;
    }

    private long seek(long offset, int whence) {
        long target = switch (whence & SEEK_KIND) {
            case 0 -> offset;
            case 1 -> position + offset;
            case 2 -> bytes.length + offset;
            default -> -1;
        };
        if ((whence & avformat.AVSEEK_SIZE) != 0) {
            return bytes.length;
        }
        if (target < 0) {
            return avutil.AVERROR_EXIT();
        }
        position = target;
        return target;
    }

    private static final class Read extends Read_packet_Pointer_BytePointer_int {
        @Override
        public int call(Pointer key, BytePointer to, int size) {
            MemoryInput input = OPEN.get(key.address());
            return input == null ? avutil.AVERROR_EXIT() : input.read(to, size);
        }
    }

    private static final class Seek extends Seek_Pointer_long_int {
        @Override
        public long call(Pointer key, long offset, int whence) {
            MemoryInput input = OPEN.get(key.address());
            return input == null ? avutil.AVERROR_EXIT() : input.seek(offset, whence);
        }
    }
}
