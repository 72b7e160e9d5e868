package io.unifiedlatents.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleOrderTest {
    private record Drawn(long epoch, int group, int row) {}

    /** Row groups of 5, the last of 3. */
    private static int[] table(int groups) {
        int[] rows = new int[groups];
        Arrays.fill(rows, 5);
        rows[groups - 1] = 3;
        return rows;
    }

    private static List<Drawn> draw(SampleOrder order, int stream, long first, int count) {
        SampleOrder.Cursor cursor = order.cursor(stream, first);
        List<Drawn> drawn = new ArrayList<>();
        while (drawn.size() < count) {
            SampleOrder.Window window = cursor.next();
            for (int i = window.start(); i < window.size() && drawn.size() < count; i++) {
                drawn.add(new Drawn(window.epoch(), window.groups()[window.group(i)], window.row(i)));
            }
        }
        return drawn;
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,4,2", "2,3,4", "7,1,3", "7,3,2", "7,4,1", "12,4,5", "13,5,100", "3,8,2"})
    void everyEpochHasEachSampleExactlyOnce(int groups, int streams, int windowGroups) {
        int[] table = table(groups);
        SampleOrder order = new SampleOrder(42, table, streams, windowGroups);
        int epochs = 6;
        Map<Drawn, Integer> counts = new HashMap<>();
        for (int stream = 0; stream < streams; stream++) {
            for (Drawn drawn : draw(order, stream, 0, epochs * 5 * groups + 5)) {
                if (drawn.epoch() < epochs) {
                    counts.merge(drawn, 1, Integer::sum);
                }
            }
        }
        assertThat(counts.values()).containsOnly(1);
        assertThat(counts)
                .hasSize(Math.toIntExact(
                        epochs * Arrays.stream(table).asLongStream().sum()));
    }

    @ParameterizedTest
    @CsvSource({"1,4,2", "7,3,2", "12,4,5", "3,8,2"})
    void seekingEqualsReadingOn(int groups, int streams, int windowGroups) {
        SampleOrder order = new SampleOrder(42, table(groups), streams, windowGroups);
        for (int stream = 0; stream < streams; stream++) {
            List<Drawn> all = draw(order, stream, 0, 130);
            for (int first = 0; first < 100; first++) {
                assertThat(draw(order, stream, first, 30)).isEqualTo(all.subList(first, first + 30));
            }
        }
    }

    @Test
    void ranksOwnAllStreamsOnceWhateverTheWorldSize() {
        SampleOrder order = new SampleOrder(1, table(9), 6, 2);
        for (int worldSize = 1; worldSize <= 8; worldSize++) {
            List<Integer> owned = new ArrayList<>();
            for (int rank = 0; rank < worldSize; rank++) {
                for (int stream : order.streamsOf(rank, worldSize)) {
                    assertThat(stream % worldSize).isEqualTo(rank);
                    owned.add(stream);
                }
            }
            assertThat(owned).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
        }
    }

    @Test
    void streamsStayBalancedAcrossEpochs() {
        SampleOrder order = new SampleOrder(1, table(7), 4, 2);
        for (int stream = 0; stream < 4; stream++) {
            // after 4 epochs each stream was dealt 7 groups, of 3 or 5 rows each
            long ofFourEpochs = draw(order, stream, 0, 40).stream()
                    .filter(drawn -> drawn.epoch() < 4)
                    .map(drawn -> drawn.epoch() + "/" + drawn.group())
                    .distinct()
                    .count();
            assertThat(ofFourEpochs).isEqualTo(7);
        }
    }

    @Test
    void epochsAndSeedsDiffer() {
        List<Drawn> first = draw(new SampleOrder(1, table(8), 1, 4), 0, 0, 38);
        List<Drawn> second = draw(new SampleOrder(1, table(8), 1, 4), 0, 38, 38);
        List<Drawn> other = draw(new SampleOrder(2, table(8), 1, 4), 0, 0, 38);
        assertThat(second.stream()
                        .map(drawn -> new Drawn(0, drawn.group(), drawn.row()))
                        .toList())
                .isNotEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    @Test
    void anEmptyDataSetIsRefused() {
        assertThatThrownBy(() -> new SampleOrder(1, new int[0], 1, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessage("the data set is empty: it has no row group to train on; prepare data");
    }
}
