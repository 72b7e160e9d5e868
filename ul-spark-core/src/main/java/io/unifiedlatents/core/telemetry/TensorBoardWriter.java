package io.unifiedlatents.core.telemetry;

import io.unifiedlatents.core.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;

/**
 * A TensorBoard event file: TFRecord frames around {@code Event} protocol buffers, with scalars and PNG images.
 *
 * <p>{@link #flush} makes the events so far visible where the file system can; on object stores the file appears when
 * it is closed. Thread safe; the caller closes it.
 */
public final class TensorBoardWriter implements Closeable {
    private static final int CRC_MASK = 0xA282EAD8;
    private static final int COLORSPACE_RGB = 3;

    // field numbers of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto
    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE_VALUE = 2;
    private static final int VALUE_IMAGE = 4;
    private static final int IMAGE_HEIGHT = 1;
    private static final int IMAGE_WIDTH = 2;
    private static final int IMAGE_COLORSPACE = 3;
    private static final int IMAGE_ENCODED = 4;

    private final FSDataOutputStream out;
    private final Clock clock;

    private TensorBoardWriter(FSDataOutputStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /**
     * Creates an event file of this second; one of the same name is replaced.
     *
     * @param suffix tells apart processes that start in the same second, such as {@code rank-0}
     */
    public static TensorBoardWriter open(Storage directory, String suffix, Clock clock) throws IOException {
        String name =
                String.format("events.out.tfevents.%010d.%s", clock.instant().getEpochSecond(), suffix);
        TensorBoardWriter writer = new TensorBoardWriter(directory.create(name), clock);
        writer.record(writer.event(0).text(EVENT_FILE_VERSION, "brain.Event:2").bytes());
        writer.flush();
        return writer;
    }

    /** Adds a point to the curve {@code tag}; the value is stored as float32. */
    public void scalar(String tag, long step, double value) throws IOException {
        ProtoBytes point = new ProtoBytes().text(VALUE_TAG, tag).float32(VALUE_SIMPLE_VALUE, (float) value);
        summary(step, point);
    }

    /**
     * Adds an image to the series {@code tag}.
     *
     * @param png the encoded RGB image
     */
    public void image(String tag, long step, byte[] png, int width, int height) throws IOException {
        ProtoBytes image = new ProtoBytes()
                .varint(IMAGE_HEIGHT, height)
                .varint(IMAGE_WIDTH, width)
                .varint(IMAGE_COLORSPACE, COLORSPACE_RGB)
                .bytes(IMAGE_ENCODED, png);
        summary(step, new ProtoBytes().text(VALUE_TAG, tag).bytes(VALUE_IMAGE, image.bytes()));
    }

    /** Makes what was written visible to readers, where the file system can. */
    public synchronized void flush() throws IOException {
        RunLog.flush(out);
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }

    private void summary(long step, ProtoBytes value) throws IOException {
        ProtoBytes summary = new ProtoBytes().bytes(SUMMARY_VALUE, value.bytes());
        record(event(step).bytes(EVENT_SUMMARY, summary.bytes()).bytes());
    }

    private ProtoBytes event(long step) {
        Instant now = clock.instant();
        return new ProtoBytes()
                .float64(EVENT_WALL_TIME, now.getEpochSecond() + now.getNano() / 1e9)
                .varint(EVENT_STEP, step);
    }

    /** One TFRecord: length u64, masked CRC32C of the length, data, masked CRC32C of the data; little endian. */
    private synchronized void record(byte[] data) throws IOException {
        byte[] length = little(Long.BYTES).putLong(data.length).array();
        out.write(length);
        out.write(little(Integer.BYTES).putInt(maskedCrc(length)).array());
        out.write(data);
        out.write(little(Integer.BYTES).putInt(maskedCrc(data)).array());
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.wrap(new byte[bytes]).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int maskedCrc(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data, 0, data.length);
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
    }
}
