package io.unifiedlatents.core.collective.ring;

import io.unifiedlatents.core.collective.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames to the next rank from its own thread, so that a rank sends and receives at the same time. Started once
 * and then discarded: after {@link #stop} or a failure it sends nothing more.
 */
final class FrameSender {
    /** Makes the payload of a frame when its turn has come, on the sending thread. */
    interface Payload {
        /** Views of the bytes to send, at most a full frame; they are consumed. */
        ByteBuffer[] buffers();
    }

    private record Frame(Operation operation, Payload payload) {}

    private final Neighbour next;
    private final long run;
    private final long timeoutNanos;
    private final Consumer<IOException> onFailure;
    private final Thread thread;
    private final ArrayDeque<Frame> queue = new ArrayDeque<>();
    private boolean sending;
    private boolean stopped;

    FrameSender(Neighbour next, long run, long timeoutNanos, String name, Consumer<IOException> onFailure) {
        this.next = next;
        this.run = run;
        this.timeoutNanos = timeoutNanos;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Queues a frame; what it is made of must not change until {@link #awaitSent} returns. */
    synchronized void send(Operation operation, Payload payload) {
        queue.add(new Frame(operation, payload));
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

    private synchronized @Nullable Frame take() throws InterruptedException {
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
            for (Frame frame = take(); frame != null; frame = take()) {
                ByteBuffer[] payload = frame.payload.buffers();
                header.clear();
                header.putInt(FrameLayout.FRAME_OPERATION_OFFSET, frame.operation.code());
                header.putLong(FrameLayout.FRAME_SEQUENCE_OFFSET, sequence);
                header.putInt(FrameLayout.FRAME_LENGTH_OFFSET, FrameReceiver.remaining(payload));
                next.link().write(buffers(sequence, header, payload), System.nanoTime() + timeoutNanos);
                sequence++;
            }
        } catch (IOException e) {
            onFailure.accept(e);
        } catch (InterruptedException e) {
            onFailure.accept(new IOException("the sending thread was interrupted", e));
        } finally {
            stop();
        }
    }

    private ByteBuffer[] buffers(long sequence, ByteBuffer header, ByteBuffer[] payload) {
        FrameCipher cipher = next.cipher();
        if (cipher != null) {
            return new ByteBuffer[] {header, cipher.seal(sequence, header, payload)};
        }
        ByteBuffer[] buffers = new ByteBuffer[1 + payload.length];
        buffers[0] = header;
        System.arraycopy(payload, 0, buffers, 1, payload.length);
        return buffers;
    }
}
