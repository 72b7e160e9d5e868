package io.unifiedlatents.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardPicturesTest {
    @TempDir
    private Path directory;

    private Storage storage() throws IOException {
        return Storage.at(directory.toString(), new Configuration());
    }

    @Test
    void unitsAreRunsOfRowGroupsInOrderUpToTheLimit() throws IOException {
        Dataset dataset = Samples.images(storage(), 3, 7, 5); // row groups of 3, 3, 1, 3, 2
        assertThat(new ShardPictures(dataset, 0, 1).rows()).containsExactly(3, 3, 1, 3, 2);
        ShardPictures set = new ShardPictures(dataset, 8, 1);
        assertThat(set.rows()).containsExactly(3, 3, 1, 1);
        assertThat(set.count()).isEqualTo(8);
        List<String> ids = new ArrayList<>();
        for (int unit = 0; unit < set.rows().size(); unit++) {
            set.read(unit, (id, picture) -> {
                assertThat(picture.pixels())
                        .isEqualTo(Samples.picture(ids.size()).pixels());
                ids.add(id);
            });
        }
        assertThat(ids)
                .hasSize(8)
                .startsWith(Samples.row(0).id())
                .endsWith(Samples.row(7).id());
        assertThatThrownBy(() -> new ShardPictures(dataset, 13, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageEndingWith("has 12 rows, 13 are asked for");
    }

    @Test
    void clipsAreStacksOfTheirFrames() throws IOException {
        ShardPictures set = new ShardPictures(Samples.clips(storage(), Encoding.RAW, 3), 0, 1);
        assertThat(set.shape()).isEqualTo(Samples.CLIP);
        assertThat(set.frames()).isEqualTo(3);
        List<Rgb> found = new ArrayList<>();
        for (int unit = 0; unit < set.rows().size(); unit++) {
            set.read(unit, (id, picture) -> found.add(picture));
        }
        assertThat(found)
                .usingRecursiveComparison()
                .isEqualTo(List.of(
                        Samples.sample(Samples.CLIP, 0),
                        Samples.sample(Samples.CLIP, 1),
                        Samples.sample(Samples.CLIP, 2)));
    }

    @Test
    void manyRowGroupsShareAUnit() throws IOException {
        Dataset dataset = Samples.images(storage(), 1, 300);
        List<Integer> rows = new ShardPictures(dataset, 0, 1).rows();
        assertThat(rows).hasSize(150).allMatch(unit -> unit == 2);
        assertThat(new ShardPictures(dataset, 0, 64).rows()).containsExactly(64, 64, 64, 64, 44); // whole batches
    }
}
