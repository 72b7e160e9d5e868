package io.unifiedlatents.core.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames to the next rank from its own thread, so that a rank sends and receives at the same time. Started once
 * and then discarded: after {@link #stop} or a failure it sends nothing more.
 */
final class FrameSender {
    /** Part of a vector that goes out as one frame. */
    private record Frame(int operation, FloatVector vector, long begin, int length) {}

    private final Link link;
    private final long run;
    private final long timeoutNanos;
    private final Consumer<IOException> onFailure;
    private final Thread thread;
    private final ArrayDeque<Frame> queue = new ArrayDeque<>();
    private boolean sending;
    private boolean stopped;

    FrameSender(Link link, long run, long timeoutNanos, String name, Consumer<IOException> onFailure) {
        this.link = link;
        this.run = run;
        this.timeoutNanos = timeoutNanos;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Queues a frame; its memory must not change until {@link #awaitSent} returns. */
    synchronized void send(int operation, FloatVector vector, long begin, int length) {
        queue.add(new Frame(operation, vector, begin, length));
        notifyAll();
    }

    /** Waits until all queued frames are in the hands of the kernel, or the sender has stopped. */
    synchronized void awaitSent() throws InterruptedException {
        while (!stopped && (sending || !queue.isEmpty())) {
            wait();
        }
    }

    /** Drops what is queued and lets the thread end; never blocks. */
    synchronized void stop() {
        stopped = true;
        queue.clear();
        notifyAll();
    }

    private synchronized @Nullable Frame next() throws InterruptedException {
        sending = false;
        notifyAll();
        while (queue.isEmpty() && !stopped) {
            wait();
        }
        sending = !stopped;
        return queue.poll();
    }

    private void run() {
        ByteBuffer header = ByteBuffer.allocateDirect(FrameLayout.FRAME_HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(FrameLayout.FRAME_MAGIC_OFFSET, FrameLayout.FRAME_MAGIC)
                .putLong(FrameLayout.FRAME_RUN_OFFSET, run);
        try {
            long sequence = 0;
            for (Frame frame = next(); frame != null; frame = next()) {
                header.clear();
                header.putInt(FrameLayout.FRAME_OPERATION_OFFSET, frame.operation);
                header.putLong(FrameLayout.FRAME_SEQUENCE_OFFSET, sequence++);
                header.putInt(FrameLayout.FRAME_LENGTH_OFFSET, frame.length * Float.BYTES);
                link.write(buffers(header, frame), System.nanoTime() + timeoutNanos);
            }
        } catch (IOException e) {
            onFailure.accept(e);
        } catch (InterruptedException e) {
            onFailure.accept(new IOException("the sending thread was interrupted", e));
        } finally {
            stop();
        }
    }

    private static ByteBuffer[] buffers(ByteBuffer header, Frame frame) {
        List<ByteBuffer> buffers = new ArrayList<>();
        buffers.add(header);
        for (int at = 0; at < frame.length; ) {
            ByteBuffer bytes = frame.vector.bytes(frame.begin + at, frame.length - at);
            at += bytes.remaining() / Float.BYTES;
            buffers.add(bytes);
        }
        return buffers.toArray(new ByteBuffer[0]);
    }
}
