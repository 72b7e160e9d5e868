package io.unifiedlatents.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.LocalCollective;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.config.Precision;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class GradientReductionTest {
    private static final int SIZE = 200_003;

    /** Ranges that begin and end anywhere, in the order of backward, are summed as the whole is, to the last bit. */
    @ParameterizedTest
    @CsvSource({"1, FP32", "2, FP32", "3, FP32", "2, BF16", "3, BF16"})
    void partsAreSummedAsTheWhole(int worldSize, Precision wire) throws Exception {
        Partition partition = new Partition(SIZE, worldSize);
        List<FloatVector> wholes = run(worldSize, wire, SIZE);
        List<FloatVector> parts = run(worldSize, wire, 123_457, 99, 98);
        for (int rank = 0; rank < worldSize; rank++) {
            long begin = partition.begin(rank);
            long end = partition.end(rank);
            assertThat(parts.get(rank).range(begin, end).toArray())
                    .containsExactly(wholes.get(rank).range(begin, end).toArray());
        }
    }

    /** All ranks' gradients, reduced in ranges that begin at each of these elements but the first, and at 0. */
    private static List<FloatVector> run(int worldSize, Precision wire, int... begins) throws Exception {
        Partition partition = new Partition(SIZE, worldSize);
        List<Collective> ranks = LocalCollective.group(worldSize, Duration.ofSeconds(30));
        List<FloatVector> gradients = new ArrayList<>();
        List<GradientReduction> reductions = new ArrayList<>();
        for (Collective rank : ranks) {
            FloatVector gradient = FloatVector.copyOf(values(rank.rank()));
            gradients.add(gradient);
            reductions.add(new GradientReduction(rank, partition, gradient, wire));
        }
        for (GradientReduction reduction : reductions) { // starting never waits for other ranks
            long end = SIZE;
            for (int begin : begins) {
                reduction.start(begin == SIZE ? 0 : begin, end);
                end = begin == SIZE ? 0 : begin;
            }
            if (end > 0) {
                reduction.start(0, end);
            }
        }
        for (GradientReduction reduction : reductions) {
            assertThat(reduction.await()).isPositive();
            reduction.close();
        }
        return gradients;
    }

    @Test
    @Timeout(20)
    void closingEndsASumThatWaitsForAnotherRank() throws Exception {
        List<Collective> ranks = LocalCollective.group(2, Duration.ofSeconds(50));
        FloatVector gradient = FloatVector.allocate(SIZE);
        GradientReduction alone = new GradientReduction(ranks.get(0), new Partition(SIZE, 2), gradient, Precision.FP32);
        alone.start(0, SIZE);
        alone.close(); // returns within the test's limit, which is shorter than the collective's time-out
        assertThatThrownBy(alone::await).isInstanceOf(IOException.class);
    }

    private static float[] values(int rank) {
        SplittableRandom random = new SplittableRandom(rank);
        float[] values = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }
}
