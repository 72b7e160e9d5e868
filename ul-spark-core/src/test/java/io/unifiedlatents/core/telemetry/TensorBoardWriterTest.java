package io.unifiedlatents.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorBoardWriterTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1_700_000_000_500L), ZoneOffset.UTC);

    @TempDir
    Path folder;

    @Test
    void writesEventsThatAnotherReaderUnderstands() throws IOException {
        Storage storage = Storage.at(folder.toUri().toString(), new Configuration());
        byte[] png = {1, 2, 3, -1};
        try (TensorBoardWriter writer = TensorBoardWriter.open(storage, "rank-0", CLOCK)) {
            writer.scalar("loss/total", 300, 1.25);
            writer.image("samples", 1L << 40, png, 640, 480);
        }
        assertThat(storage.list()).containsExactly("events.out.tfevents.1700000000.rank-0");
        List<byte[]> events = records(storage.read("events.out.tfevents.1700000000.rank-0"));
        assertThat(events).hasSize(3);

        Map<Integer, Object> version = fields(events.get(0));
        assertThat(version.get(1)).isEqualTo(Double.doubleToLongBits(1_700_000_000.5));
        assertThat(text(bytes(version, 3))).isEqualTo("brain.Event:2");

        Map<Integer, Object> scalar = fields(events.get(1));
        assertThat(scalar.get(2)).isEqualTo(300L);
        Map<Integer, Object> point = fields(bytes(fields(bytes(scalar, 5)), 1));
        assertThat(text(bytes(point, 1))).isEqualTo("loss/total");
        assertThat(point.get(2)).isEqualTo((long) Float.floatToIntBits(1.25f));

        Map<Integer, Object> image = fields(events.get(2));
        assertThat(image.get(2)).isEqualTo(1L << 40);
        Map<Integer, Object> value = fields(bytes(fields(bytes(image, 5)), 1));
        assertThat(text(bytes(value, 1))).isEqualTo("samples");
        Map<Integer, Object> picture = fields(bytes(value, 4));
        assertThat(picture.get(1)).isEqualTo(480L);
        assertThat(picture.get(2)).isEqualTo(640L);
        assertThat(picture.get(3)).isEqualTo(3L);
        assertThat(bytes(picture, 4)).isEqualTo(png);
    }

    @Test
    void flushedEventsAreVisibleBeforeTheFileIsClosed() throws IOException {
        Storage storage = Storage.at(folder.toUri().toString(), new Configuration());
        try (TensorBoardWriter writer = TensorBoardWriter.open(storage, "r", CLOCK)) {
            writer.scalar("a", 1, 2);
            writer.flush();
            assertThat(records(storage.read(storage.list().get(0)))).hasSize(2);
        }
    }

    /** Splits TFRecord frames, checking both checksums of each. */
    private static List<byte[]> records(byte[] file) {
        List<byte[]> records = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(masked(length));
            byte[] data = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(masked(data));
            records.add(data);
        }
        return records;
    }

    private static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        long value = crc.getValue();
        return (int)
                ((((value >>> 15) | (value << 17)) & 0xFFFFFFFFL) + 0xA282EAD8L); // as TensorFlow's crc32c.h has it
    }

    /** Last value of each field of a message: a Long, or a byte[] where length-delimited. */
    private static Map<Integer, Object> fields(byte[] message) {
        Map<Integer, Object> fields = new HashMap<>();
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long key = varint(in);
            Object value = switch ((int) (key & 7)) {
                case 0 -> varint(in);
                case 1 -> in.getLong();
                case 2 -> {
                    byte[] bytes = new byte[(int) varint(in)];
                    in.get(bytes);
                    yield bytes;
                }
                case 5 -> (long) in.getInt();
                default -> throw new AssertionError("wire type " + (key & 7));
            };
            fields.put((int) (key >>> 3), value);
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static byte[] bytes(Map<Integer, Object> message, int field) {
        return (byte[]) Objects.requireNonNull(message.get(field));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
