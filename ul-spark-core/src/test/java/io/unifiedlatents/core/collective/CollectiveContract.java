package io.unifiedlatents.core.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Collective} promises, whatever connects the ranks. */
public abstract class CollectiveContract {
    public static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Implementation implementation;
    private List<Collective> ranks = List.of();

    public CollectiveContract(Implementation implementation) {
        this.implementation = implementation;
    }

    /** Where a rank's vectors lie. */
    public interface Memory {
        Floats copy(int rank, FloatVector values) throws Exception;
    }

    /** A way to connect so many ranks. */
    public record Implementation(String name, int worldSize, Memory memory, Callable<List<Collective>> connect) {
        static Implementation onHost(String name, int worldSize, Callable<List<Collective>> connect) {
            return new Implementation(name, worldSize, (rank, values) -> values, connect);
        }

        @Override
        public String toString() {
            return name + " of " + worldSize;
        }
    }

    @BeforeEach
    void open() throws Exception {
        ranks = implementation.connect.call();
        assertThat(ranks).hasSize(implementation.worldSize);
    }

    @AfterEach
    void close() {
        ranks.forEach(Collective::close);
    }

    @Test
    void ranksAreNumberedInOrder() {
        for (int rank = 0; rank < ranks.size(); rank++) {
            assertThat(ranks.get(rank).rank()).isEqualTo(rank);
            assertThat(ranks.get(rank).worldSize()).isEqualTo(ranks.size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 15, 17, 33, 1000, 65537, 300_001})
    void allReduceSumsAndIsBitIdenticalOnEveryRankAndRun(int size) throws Exception {
        List<float[]> first = Ranks.run(ranks, c -> sum(c, size, 1 << 16));
        List<float[]> second = Ranks.run(ranks, c -> sum(c, size, 1 << 16));
        for (float[] values : first) {
            assertThat(values).isEqualTo(first.get(0));
        }
        assertThat(second.get(0)).isEqualTo(first.get(0));
        double[] expected = new double[size];
        double[] magnitude = new double[size];
        for (int rank = 0; rank < ranks.size(); rank++) {
            float[] values = input(rank, size);
            for (int i = 0; i < size; i++) {
                expected[i] += values[i];
                magnitude[i] += Math.abs(values[i]);
            }
        }
        for (int i = 0; i < size; i++) { // each of the n - 1 float32 additions rounds by at most 2^-24 of a partial sum
            double bound = ranks.size() * 0x1p-24 * magnitude[i];
            if (Math.abs(first.get(0)[i] - expected[i]) > bound) {
                assertThat((double) first.get(0)[i]).as("element %s", i).isCloseTo(expected[i], Offset.offset(bound));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1000, 70_000})
    void segmentsDoNotChangeTheSum(int segmentFloats) throws Exception {
        int size = 150_001;
        float[] whole = Ranks.run(ranks, c -> sum(c, size, size)).get(0);
        AtomicInteger next = new AtomicInteger(segmentFloats);
        List<float[]> pieces = Ranks.run(ranks, c -> sum(c, size, next.getAndAdd(48))); // and ranks may differ
        for (float[] values : pieces) {
            assertThat(values).isEqualTo(whole);
        }
    }

    @Test
    void nothingHasFailedAtFirst() throws Exception {
        for (Collective collective : ranks) {
            collective.check();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {480, 500}) // 480: equal ranges for all worlds here
    void reduceScatterLeavesTheSumInTheOwnRange(int size) throws Exception {
        Partition partition = new Partition(size, ranks.size());
        float[] whole = Ranks.run(ranks, c -> sum(c, size, size)).get(0);
        List<float[]> own = Ranks.run(ranks, c -> {
            Floats vector = copy(c, segmented(input(c.rank(), size), 128));
            c.reduceScatter(vector, partition);
            return values(vector.range(partition.begin(c.rank()), partition.end(c.rank())));
        });
        for (int rank = 0; rank < ranks.size(); rank++) {
            int begin = (int) partition.begin(rank);
            assertThat(own.get(rank)).isEqualTo(Arrays.copyOfRange(whole, begin, (int) partition.end(rank)));
        }
    }

    /** Of small integers, whose sums are exact in any order. Cuts fall into ranges and onto ends of frames. */
    @ParameterizedTest
    @ValueSource(ints = {500, 300_001})
    void partsOfAVectorAreSummedWhereTheirOwnersAre(int size) throws Exception {
        Partition partition = new Partition(size, ranks.size());
        int[] cuts = {size, size - 26, 2 * size / 3, size / 5, 7, 0};
        List<float[]> own = Ranks.run(ranks, c -> {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (c.rank() + 1) * (i % 1000);
            }
            Floats vector = copy(c, segmented(values, size));
            for (int k = 1; k < cuts.length; k++) { // the last part first, as backward finishes them
                c.reduceScatter(vector.range(cuts[k], cuts[k - 1]), partition.within(cuts[k], cuts[k - 1]));
            }
            return values(vector.range(partition.begin(c.rank()), partition.end(c.rank())));
        });
        int factor = ranks.size() * (ranks.size() + 1) / 2;
        for (int rank = 0; rank < ranks.size(); rank++) {
            int begin = (int) partition.begin(rank);
            for (int i = 0; i < own.get(rank).length; i++) {
                assertThat(own.get(rank)[i]).isEqualTo(factor * ((begin + i) % 1000));
            }
        }
    }

    @Test
    void valuesAreSummedInRankOrderInDoublePrecision() throws Exception {
        double[] expected = new double[Collective.MAX_VALUES];
        for (int rank = 0; rank < ranks.size(); rank++) {
            for (int k = 0; k < expected.length; k++) {
                expected[k] += (k + 1) * value(rank);
            }
        }
        List<double[]> sums = Ranks.run(ranks, c -> {
            double[] own = new double[Collective.MAX_VALUES];
            Arrays.setAll(own, k -> (k + 1) * value(c.rank()));
            return c.allReduce(own);
        });
        assertThat(sums).allSatisfy(sum -> assertThat(sum).containsExactly(expected));
    }

    @Test
    void broadcastCopiesTheRootFromAnyRank() throws Exception {
        for (int root = 0; root < ranks.size(); root++) {
            int from = root;
            float[] expected = input(from, 100_003);
            for (float[] values : Ranks.run(ranks, c -> {
                Floats vector = copy(c, segmented(input(c.rank(), 100_003), 4096));
                c.broadcast(vector, from);
                return values(vector);
            })) {
                assertThat(values).isEqualTo(expected);
            }
        }
    }

    @Test
    void barrierReturnsOnlyAfterAllRanksCalledIt() throws Exception {
        AtomicInteger arrived = new AtomicInteger();
        List<Integer> seen = Ranks.run(ranks, c -> {
            arrived.incrementAndGet();
            c.barrier();
            return arrived.get();
        });
        assertThat(seen).containsOnly(ranks.size());
    }

    @Test
    void refusesAPartitionOfAnotherVector() {
        Collective collective = ranks.get(0);
        assertThatThrownBy(() -> collective.allGather(FloatVector.allocate(3), new Partition(4, ranks.size())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a partition of 4 floats over %s ranks does not fit a vector of 3 floats on %s ranks"
                        .formatted(ranks.size(), ranks.size()));
    }

    @Test
    void everyCallFailsAfterAbortWithItsCause() {
        Collective collective = ranks.get(0);
        collective.at("step 7");
        IllegalStateException cause = new IllegalStateException("task killed");
        collective.abort(cause);
        collective.abort(new IllegalStateException("too late"));
        assertThatThrownBy(collective::barrier)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("step 7")
                .hasMessageContaining("task killed")
                .hasRootCause(cause);
        assertThatThrownBy(collective::check).hasRootCause(cause);
    }

    @Test
    void closeMayBeRepeated() {
        ranks.forEach(Collective::close);
        ranks.forEach(Collective::close);
        assertThatThrownBy(() -> ranks.get(0).allReduce(1.0)).isInstanceOf(IOException.class);
    }

    private float[] sum(Collective collective, int size, int segmentFloats) throws Exception {
        Floats vector = copy(collective, segmented(input(collective.rank(), size), segmentFloats));
        collective.allReduce(vector);
        return values(vector);
    }

    private Floats copy(Collective collective, FloatVector values) throws Exception {
        return implementation.memory.copy(collective.rank(), values);
    }

    private static float[] values(Floats vector) throws IOException {
        FloatVector host = FloatVector.allocate(vector.size());
        vector.copyTo(host);
        return host.toArray();
    }

    private static double value(int rank) {
        return 1.0 / (3 + rank);
    }

    private static float[] input(int rank, int size) {
        SplittableRandom random = new SplittableRandom(17 + rank);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return values;
    }

    public static FloatVector segmented(float[] values, int segmentFloats) {
        List<ByteBuffer> segments = new ArrayList<>();
        for (int at = 0; at < values.length; at += segmentFloats) {
            segments.add(ByteBuffer.allocateDirect(Math.min(segmentFloats, values.length - at) * Float.BYTES));
        }
        FloatVector vector = FloatVector.of(segments);
        vector.set(FloatVector.copyOf(values), 0);
        return vector;
    }
}
