package io.unifiedlatents.core.metrics.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SampleShape;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.numpy.Golden;
import io.unifiedlatents.core.numpy.Npy;
import io.unifiedlatents.core.numpy.Npz;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzPicturesTest {
    private static final int BYTES = 4 * 4 * 3;

    @TempDir
    private Path directory;

    private String copy(String golden) throws IOException {
        Path file = directory.resolve(golden);
        try (InputStream in = Golden.open(golden)) {
            Files.copy(in, file);
        }
        return file.toString();
    }

    private static NpzPictures open(String file, int limit) throws IOException {
        return new NpzPictures(file, limit, 1, new Configuration());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pictures-stored.npz", "pictures-deflated.npz"})
    void picturesOfNumpyComeInOrderFromWhereAUnitBegins(String golden) throws IOException {
        NpzPictures set = open(copy(golden), 6);
        assertThat(set.rows()).isEqualTo(List.of(1, 1, 1, 1, 1, 1));
        assertThat(set.shape()).isEqualTo(SampleShape.picture(4, 4));
        for (int unit : new int[] {5, 0, 3}) {
            List<String> ids = new ArrayList<>();
            set.read(unit, (id, picture) -> {
                ids.add(id);
                byte[] expected = new byte[BYTES];
                for (int k = 0; k < BYTES; k++) {
                    expected[k] = (byte) ((unit * BYTES + k) * 7);
                }
                assertThat(picture.pixels()).isEqualTo(expected);
            });
            assertThat(ids).containsExactly(Integer.toString(unit));
        }
        assertThat(set.hash()).isEqualTo(Hashes.sha256(Files.readAllBytes(Path.of(set.location()))));
    }

    @Test
    void longSetsHaveUnitsOfEqualLength() throws IOException {
        byte[] pixels = new byte[1000 * 3];
        IntStream.range(0, pixels.length).forEach(i -> pixels[i] = (byte) (i / 3));
        Path file = directory.resolve("long.npz");
        try (var out = Files.newOutputStream(file)) {
            Npz.writeStored(out, Map.of("arr_0", Npy.of(pixels, 500, 1, 2, 3)));
        }
        NpzPictures set = open(file.toString(), 0);
        assertThat(set.rows()).hasSize(250).allMatch(rows -> rows == 2);
        List<Integer> values = new ArrayList<>();
        for (int unit = 0; unit < set.rows().size(); unit++) {
            set.read(unit, (id, picture) -> {
                assertThat(picture.width()).isEqualTo(2);
                values.add((int) picture.pixels()[0]);
                values.add((int) picture.pixels()[3]);
            });
        }
        assertThat(values)
                .isEqualTo(
                        IntStream.range(0, 1000).mapToObj(i -> (int) (byte) i).toList());
    }

    @Test
    void whatIsNoSetOfPicturesIsSaidSo() throws IOException {
        String file = copy("pictures-stored.npz");
        assertThatThrownBy(() -> open(file, 8))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + " has 7 pictures, 8 are asked for");
        String other = copy("unsupported.npz");
        assertThatThrownBy(() -> open(other, 0))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("has no array arr_0, only [big, fields");
        byte[] whole = Files.readAllBytes(Path.of(file));
        Path half = directory.resolve("half.npz");
        Files.write(half, Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> open(half.toString(), 0))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("half.npz is not a whole .npz file");
    }
}
