package io.unifiedlatents.core.numpy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {
    private static final double[] MU = {-0.25, 0, 0.25};
    private static final Set<String> NAMES = Set.of("mu", "sigma", "arr_0", "single", "count");

    private static InputStream golden(String name) {
        return Golden.open(name);
    }

    private static Npy array(Map<String, Npy> arrays, String name) {
        return Objects.requireNonNull(arrays.get(name), name);
    }

    private static Map<String, Npy> ours() {
        byte[] pixels = new byte[24];
        double[] sigma = new double[9];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i + 230);
        }
        Arrays.setAll(sigma, i -> i / 8.0 + 0.1);
        return Map.of(
                "mu", Npy.of(MU, 3),
                "sigma", Npy.of(sigma, 3, 3),
                "arr_0", Npy.of(pixels, 2, 2, 2, 3),
                "single", Npy.of(new float[] {1.5f, -0.1f, 3e38f}, 1, 3),
                "count", Npy.of(new long[] {-(1L << 40)}));
    }

    private static byte[] file(Map<String, Npy> arrays) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Npz.writeStored(out, arrays);
        return out.toByteArray();
    }

    private static void readAll(Path file) throws IOException {
        try (NpzFile npz = new NpzFile(new org.apache.hadoop.fs.Path(file.toString()), new Configuration())) {
            for (String array : npz.names()) {
                npz.read(array);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored.npz", "deflated.npz"})
    void readsWhatNumpyWrote(String name) throws IOException {
        Map<String, Npy> arrays = new TreeMap<>();
        try (NpzFile npz = new Golden(name).npz()) {
            assertThat(npz.names()).isEqualTo(NAMES);
            for (String array : NAMES) {
                arrays.put(array, npz.read(array));
            }
        }
        ours().forEach((key, expected) -> {
            assertThat(array(arrays, key).type()).isEqualTo(expected.type());
            assertThat(array(arrays, key).shape()).containsExactly(expected.shape());
            assertThat(array(arrays, key).toFile()).as(key).isEqualTo(expected.toFile());
        });
        assertThat(array(arrays, "mu").doubles()).containsExactly(MU);
        assertThat(array(arrays, "single").doubles()).containsExactly(1.5, -0.1f, 3e38f);
        assertThat(array(arrays, "count").longs()).containsExactly(-1099511627776L);
        assertThat(array(arrays, "arr_0").bytes()[23]).isEqualTo((byte) 253);
    }

    @Test
    void readsVersion2() throws IOException {
        assertThat(Npy.read(golden("version2.npy"), "version2.npy").doubles()).containsExactly(0.5, -7);
    }

    @Test
    void numpyReadsWhatWeWrite(@TempDir Path directory) throws Exception {
        Path python = Path.of("/usr/bin/python3");
        assumeTrue(
                Files.isExecutable(python)
                        && new ProcessBuilder(python.toString(), "-c", "import numpy")
                                        .start()
                                        .waitFor()
                                == 0,
                "needs python3-numpy");
        Files.write(directory.resolve("ours-stored.npz"), file(ours()));
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        Npz.writeDeflated(deflated, ours());
        Files.write(directory.resolve("ours-deflated.npz"), deflated.toByteArray());
        Files.write(directory.resolve("golden.npz"), golden("stored.npz").readAllBytes());
        String script = """
                import numpy as np
                g = np.load('golden.npz')
                for f in ('ours-stored.npz', 'ours-deflated.npz'):
                    o = np.load(f)
                    assert sorted(o) == sorted(g)
                    for k in g:
                        assert o[k].dtype == g[k].dtype and o[k].shape == g[k].shape and (o[k] == g[k]).all(), k
                print('same')
                """;
        Process numpy = new ProcessBuilder(python.toString(), "-c", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(numpy.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("same\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "objects; unsupported.npz:objects has elements of type '|O' (Python objects); save it as float32,"
                        + " float64, int64 or uint8 with array.astype",
                "big; unsupported.npz:big has elements of type '>f8' (big endian); save it as float32,"
                        + " float64, int64 or uint8 with array.astype",
                "half; unsupported.npz:half has elements of type '<f2'; save it as float32,"
                        + " float64, int64 or uint8 with array.astype",
            })
    void namesTheTypeThatIsNotSupported(String name, String type, String wayOut) {
        assertThatThrownBy(() -> new Golden("unsupported.npz").array(name))
                .isInstanceOf(ConfigException.class)
                .hasMessage(type + "; " + wayOut);
    }

    @Test
    void namesOtherThingsThatAreNotSupported() throws IOException {
        Golden unsupported = new Golden("unsupported.npz");
        assertThatThrownBy(() -> unsupported.array("fortran"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("unsupported.npz:fortran is in Fortran order; save numpy.ascontiguousarray(array)");
        assertThatThrownBy(() -> unsupported.array("fields"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("unsupported.npz:fields: cannot read the .npy header {'descr': [('a', '<f8')");
        assertThatThrownBy(() -> unsupported.array("sigma"))
                .isInstanceOf(ConfigException.class)
                .hasMessageEndingWith("has no array sigma, only [big, fields, fortran, half, mu, objects]");
        assertThat(unsupported.array("mu").doubles()).containsExactly(MU);
        byte[] huge = Npy.of(new byte[1], 1).toFile();
        System.arraycopy("(9999999999,), }".getBytes(StandardCharsets.US_ASCII), 0, huge, 60, 16);
        assertThatThrownBy(() -> Npy.read(new ByteArrayInputStream(huge), "huge.npy"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("huge.npy has 9999999999 bytes, over the 2 GiB that one array may have");
    }

    @Test
    void damagedFilesAreNotRead(@TempDir Path directory) throws IOException {
        Path damaged = directory.resolve("damaged.npz");
        byte[] whole = file(ours());
        for (int length = 1; length < whole.length; length += 13) {
            Files.write(damaged, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> readAll(damaged))
                    .as("first %d bytes", length)
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("damaged.npz");
        }
        byte[] flipped = whole.clone();
        flipped[170] ^= 1; // in the elements of the first array
        Files.write(damaged, flipped);
        assertThatThrownBy(() -> readAll(damaged))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("damaged.npz");
        assertThatThrownBy(() -> Npy.read(new ByteArrayInputStream("no array".getBytes(StandardCharsets.UTF_8)), "x"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessage("x does not begin as a .npy file");
    }
}
