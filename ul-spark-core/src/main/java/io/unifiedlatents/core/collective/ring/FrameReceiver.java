package io.unifiedlatents.core.collective.ring;

import io.unifiedlatents.core.collective.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Takes frames from the previous rank and refuses those that are not the expected next one. */
final class FrameReceiver {
    private final Neighbour previous;
    private final long run;
    private final ByteBuffer header =
            ByteBuffer.allocateDirect(FrameLayout.FRAME_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long sequence;

    FrameReceiver(Neighbour previous, long run) {
        this.previous = previous;
        this.run = run;
    }

    /**
     * Reads the next frame.
     *
     * @param operation it must belong to
     * @param payload filled in order; together as long as the frame must be
     * @throws IOException if it does not come before the deadline or is not that frame
     */
    void receive(Operation operation, ByteBuffer[] payload, long deadlineNanos) throws IOException {
        int length = remaining(payload);
        FrameCipher cipher = previous.cipher();
        header.clear();
        previous.link().read(header, deadlineNanos);
        checkOrigin();
        if (cipher == null) {
            checkCall(operation, length);
            for (ByteBuffer part : payload) {
                previous.link().read(part, deadlineNanos);
            }
        } else {
            ByteBuffer plain = open(cipher, deadlineNanos);
            checkCall(operation, length); // only now is the header known to be the peer's
            fill(payload, plain);
        }
        sequence++;
    }

    private ByteBuffer open(FrameCipher cipher, long deadlineNanos) throws IOException {
        int length = header.getInt(FrameLayout.FRAME_LENGTH_OFFSET);
        if (length < 0 || length > FrameLayout.FRAME_FLOATS * Float.BYTES) {
            throw notOurs();
        }
        previous.link().read(cipher.wire(length), deadlineNanos);
        return cipher.open(sequence, header);
    }

    private void checkOrigin() throws IOException {
        if (header.getInt(FrameLayout.FRAME_MAGIC_OFFSET) != FrameLayout.FRAME_MAGIC
                || header.getLong(FrameLayout.FRAME_RUN_OFFSET) != run) {
            throw notOurs();
        }
    }

    private void checkCall(Operation operation, int length) throws IOException {
        int code = header.getInt(FrameLayout.FRAME_OPERATION_OFFSET);
        long number = header.getLong(FrameLayout.FRAME_SEQUENCE_OFFSET);
        int bytes = header.getInt(FrameLayout.FRAME_LENGTH_OFFSET);
        if (code != operation.code() || number != sequence || bytes != length) {
            throw new IOException(String.format(
                    "it sent frame %d of %s with %d bytes, expected frame %d of %s with %d bytes:"
                            + " the ranks do not make the same calls",
                    number, Operation.text(code), bytes, sequence, operation.text(), length));
        }
    }

    private static IOException notOurs() {
        return new IOException("received bytes that are no frame of this run");
    }

    private static void fill(ByteBuffer[] targets, ByteBuffer source) {
        for (ByteBuffer target : targets) {
            int count = target.remaining();
            target.put(source.slice(source.position(), count));
            source.position(source.position() + count);
        }
    }

    /** Bytes left in all of these buffers. */
    static int remaining(ByteBuffer[] buffers) {
        int sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }
}
