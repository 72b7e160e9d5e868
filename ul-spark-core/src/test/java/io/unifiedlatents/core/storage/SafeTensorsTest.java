package io.unifiedlatents.core.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.storage.SafeTensors.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SafeTensorsTest {
    private static final String GOLDEN_HEADER =
            "{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} ";
    private static final byte[] GOLDEN = golden(GOLDEN_HEADER, 1.0f, -2.5f);

    @TempDir
    Path folder;

    private Storage storage;

    @BeforeEach
    void open() throws IOException {
        storage = Storage.at(folder.toUri().toString(), new Configuration());
    }

    @Test
    void writesTheGoldenFile() throws Exception {
        assertThat(GOLDEN_HEADER).hasSize(80); // a multiple of 8: values are aligned
        SafeTensors.Written written = SafeTensors.write(
                storage,
                "f",
                Map.of("k", "v"),
                List.of(new Source(
                        "a", 2, List.of(FloatBuffer.wrap(new float[] {1}), FloatBuffer.wrap(new float[] {-2.5f})))));
        assertThat(storage.read("f")).isEqualTo(GOLDEN);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(GOLDEN));
        assertThat(written).isEqualTo(new SafeTensors.Written(GOLDEN.length, digest));
    }

    @Test
    void readsTheGoldenFile() throws IOException {
        storage.publish("f", GOLDEN);
        try (SafeTensors file = SafeTensors.open(storage, "f")) {
            assertThat(file.tensors())
                    .containsExactly(Map.entry("a", new SafeTensors.Tensor("F32", List.of(2L), 0, 8)));
            float[] values = new float[2];
            file.read("a", 0, 2, List.of(FloatBuffer.wrap(values)));
            assertThat(values).containsExactly(1.0f, -2.5f);
        }
    }

    @Test
    void readsAnyRangeIntoBuffersOfAnyLength() throws IOException {
        int size = 150_000; // more than one block
        float[] values = new float[size];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble();
        }
        List<Source> tensors = List.of(
                new Source("small", 3, List.of(FloatBuffer.wrap(values, 0, 3))),
                new Source("empty", 0, List.of()),
                new Source(
                        "large",
                        size,
                        List.of(FloatBuffer.wrap(values, 0, 70_001), FloatBuffer.wrap(values, 70_001, size - 70_001))));
        SafeTensors.write(storage, "f", Map.of(), tensors);
        try (SafeTensors file = SafeTensors.open(storage, "f")) {
            for (int begin : new int[] {0, 1, 65_535, 149_999, 150_000}) {
                for (int end : new int[] {0, 2, 65_537, 150_000}) {
                    if (begin <= end) {
                        float[] read = new float[end - begin];
                        int half = read.length / 2;
                        file.read(
                                "large",
                                begin,
                                end,
                                List.of(
                                        FloatBuffer.wrap(read, 0, half),
                                        FloatBuffer.wrap(read, half, read.length - half)));
                        assertThat(read).isEqualTo(Arrays.copyOfRange(values, begin, end));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 20, 87, 88, 95})
    void aTruncatedFileIsCorrupt(int length) throws IOException {
        storage.publish("f", Arrays.copyOf(GOLDEN, length));
        assertThatThrownBy(() -> SafeTensors.open(storage, "f"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageStartingWith(storage.path("f") + " is not a sound safetensors file: ")
                .hasMessageEndingWith("; use another copy");
    }

    @Test
    void garbageIsCorrupt() {
        byte[] garbage = new byte[4096];
        for (long seed = 0; seed < 50; seed++) {
            new java.util.Random(seed).nextBytes(garbage);
            assertCorrupt(garbage, "header length");
        }
    }

    @Test
    void headersThatLieAreCorrupt() {
        assertCorrupt(golden("not json", 1), "its header is not JSON");
        assertCorrupt(golden("[1, 2]", 1), "its header is not a JSON object");
        assertCorrupt(tensor("\"F99\"", "[1]", "[0,4]"), "missing or unknown");
        assertCorrupt(tensor("\"F32\"", "[-1]", "[0,4]"), "missing or unknown");
        assertCorrupt(tensor("\"F32\"", "[1]", "[0]"), "missing or unknown");
        assertCorrupt(tensor("\"F32\"", "[2]", "[0,4]"), "tensor a of shape [2] does not fill bytes 0 to 4");
        assertCorrupt(tensor("\"F32\"", "[4611686018427387904,4]", "[0,4]"), "does not fill bytes 0 to 4");
        assertCorrupt(tensor("\"F32\"", "[1]", "[4,8]"), "tensor a begins at 4, expected 0");
        assertCorrupt(golden("{\"a\":1,\"a\":2}", 1), "its header is not JSON: Duplicate field 'a'");
        assertCorrupt(golden("{}", 1), "its tensors end at byte 10, the file at 14");
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        storage.publish("f", GOLDEN);
        try (SafeTensors file = SafeTensors.open(storage, "f")) {
            assertThatThrownBy(() -> file.read("b", 0, 1, List.of(FloatBuffer.allocate(1))))
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessage(storage.path("f") + " is not a sound safetensors file: expected an F32 tensor b,"
                            + " found only [a]; use another copy");
        }
    }

    @Test
    void refusesSourcesThatDoNotFitTheirShape() {
        assertThatThrownBy(() -> SafeTensors.write(
                        storage, "f", Map.of(), List.of(new Source("a", 3, List.of(FloatBuffer.allocate(2))))))
                .hasMessage("tensor a gave 2 values, expected 3");
    }

    private void assertCorrupt(byte[] content, String reason) {
        assertThatThrownBy(() -> {
                    storage.publish("f", content);
                    SafeTensors.open(storage, "f").close();
                })
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(reason);
    }

    private static byte[] tensor(String dtype, String shape, String offsets) {
        return golden(
                "{\"a\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}", 1.0f);
    }

    private static byte[] golden(String header, float... values) {
        byte[] json = header.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer file = ByteBuffer.wrap(new byte[8 + json.length + 4 * values.length])
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json);
        for (float value : values) {
            file.putFloat(value);
        }
        return file.array();
    }
}
