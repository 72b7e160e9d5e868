package io.unifiedlatents.core.collective.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.collective.Bfloat16;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.ErrorFeedback;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.LocalCollective;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.collective.Ranks;
import io.unifiedlatents.core.collective.SoloCollective;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class ErrorFeedbackTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int SIZE = 150_001; // three frames in a range of half, the last one ragged

    @Test
    void whatGoesOutPlusWhatIsOwedIsWhatCameIn() {
        float[] gradient = {0x1.01p0f, -3.1415927f, 1e-30f, 0f};
        ErrorFeedback feedback = new ErrorFeedback(gradient.length);
        ByteBuffer codes = ByteBuffer.allocate(2 * gradient.length).order(ByteOrder.LITTLE_ENDIAN);
        feedback.encode(FloatVector.copyOf(gradient), 0, gradient.length, codes);
        float[] owed = feedback.residual().toArray();
        for (int i = 0; i < gradient.length; i++) { // exact: the lost low bits are a float32 of their own
            assertThat(Bfloat16.widen(codes.getShort(2 * i)) + owed[i]).isEqualTo(gradient[i]);
        }
        assertThat(owed[0]).isEqualTo(0x1p-8f); // 1 + 2^-8 is halfway and went to the even 1
    }

    @Test
    void valuesThatAreNotFiniteOweNothing() {
        ErrorFeedback feedback = new ErrorFeedback(3);
        FloatVector gradient = FloatVector.copyOf(new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE});
        feedback.encode(gradient, 0, 3, ByteBuffer.allocate(6));
        assertThat(feedback.residual().toArray()).containsOnly(0f);
    }

    /**
     * Each of the n - 1 senders of an element ends with at most half a bfloat16 step owed, 2^-8 of the partial sum, so
     * T steps are off by that over T. Float32 additions (n of terms, n - 1 of what is owed) add 2^-24 of it each.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void theMeanOverManyStepsOfAConstantGradientIsTheGradient(int worldSize) throws Exception {
        int steps = 64;
        List<Collective> ring = Ranks.ring(worldSize, TIMEOUT);
        List<double[]> means = Ranks.run(ring, c -> mean(c, steps));
        List<double[]> once = Ranks.run(ring, c -> mean(c, 1));
        ring.forEach(Collective::close);
        double[] exact = new double[SIZE];
        double[] magnitude = new double[SIZE];
        for (int rank = 0; rank < worldSize; rank++) {
            float[] term = gradient(rank);
            for (int i = 0; i < SIZE; i++) {
                exact[i] += term[i];
                magnitude[i] += Math.abs(term[i]);
            }
        }
        double relative = (worldSize - 1) * 0x1.1p-8 / steps + 2 * worldSize * 0x1p-24;
        Partition partition = new Partition(SIZE, worldSize);
        int coarse = 0;
        for (int rank = 0; rank < worldSize; rank++) {
            for (int i = (int) partition.begin(rank); i < partition.end(rank); i++) {
                double bound = relative * magnitude[i];
                assertThat(Math.abs(means.get(rank)[i] - exact[i])).isLessThanOrEqualTo(bound);
                coarse += Math.abs(once.get(rank)[i] - exact[i]) > bound ? 1 : 0;
            }
        }
        assertThat(coarse)
                .as("elements that one step alone leaves outside the bound")
                .isGreaterThan(SIZE / 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void threadsAndRingAgreeToTheLastBitEveryTime(int worldSize) throws Exception {
        List<Collective> ring = Ranks.ring(worldSize, TIMEOUT);
        List<float[]> first = Ranks.run(ring, ErrorFeedbackTest::sumsAndResidual);
        assertThat(Ranks.run(ring, ErrorFeedbackTest::sumsAndResidual)).containsExactlyElementsOf(first);
        ring.forEach(Collective::close);
        assertThat(Ranks.run(LocalCollective.group(worldSize, TIMEOUT), ErrorFeedbackTest::sumsAndResidual))
                .containsExactlyElementsOf(first);
    }

    @Test
    void halfTheBytesTravel() throws Exception {
        long full = payloadBytes(c -> c.reduceScatter(FloatVector.allocate(SIZE), new Partition(SIZE, 2)));
        long half = payloadBytes(
                c -> c.reduceScatter(FloatVector.allocate(SIZE), new Partition(SIZE, 2), new ErrorFeedback(SIZE)));
        long sent = new Partition(SIZE, 2).end(1) - new Partition(SIZE, 2).begin(1); // rank 0 sends rank 1's range
        assertThat(full).isEqualTo(4 * sent);
        assertThat(half).isEqualTo(2 * sent);
    }

    @Test
    void aRankAloneKeepsItsGradientAndOwesNothing() throws Exception {
        FloatVector vector = FloatVector.copyOf(new float[] {1.001f});
        ErrorFeedback feedback = new ErrorFeedback(1);
        new SoloCollective().reduceScatter(vector, new Partition(1, 1), feedback);
        assertThat(vector.toArray()).containsExactly(1.001f);
        assertThat(feedback.residual().toArray()).containsExactly(0f);
    }

    @Test
    void refusesAFeedbackOfAnotherVector() {
        assertThatThrownBy(() -> new SoloCollective()
                        .reduceScatter(FloatVector.allocate(3), new Partition(3, 1), new ErrorFeedback(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an error feedback of 4 floats does not fit a vector of 3");
    }

    private interface Step {
        void run(Collective collective) throws IOException;
    }

    /** Payload of all frames from rank 0 to rank 1. */
    private static long payloadBytes(Step step) throws Exception {
        List<Wiretap> taps = new ArrayList<>();
        List<Integer> payloads = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Collective> ring = Wiretap.ring(
                (number, frame) -> {
                    payloads.add(frame.length - FrameLayout.FRAME_HEADER_BYTES - FrameLayout.TAG_BYTES);
                    return List.of(frame);
                },
                taps);
        Ranks.run(ring, c -> {
            step.run(c);
            return c.rank();
        });
        ring.forEach(Collective::close);
        taps.get(0).close();
        return payloads.stream().mapToLong(Integer::longValue).sum();
    }

    /** Mean over the steps of what arrives for this rank's gradient; only the own range counts. */
    private static double[] mean(Collective collective, int steps) throws IOException {
        float[] gradient = gradient(collective.rank());
        ErrorFeedback feedback = new ErrorFeedback(SIZE);
        FloatVector vector = FloatVector.allocate(SIZE);
        double[] mean = new double[SIZE];
        for (int step = 0; step < steps; step++) {
            vector.set(FloatVector.copyOf(gradient), 0);
            collective.reduceScatter(vector, new Partition(SIZE, collective.worldSize()), feedback);
            float[] sums = vector.toArray();
            for (int i = 0; i < SIZE; i++) {
                mean[i] += (double) sums[i] / steps;
            }
        }
        return mean;
    }

    /** Own range after three steps, and what is owed then. */
    private static float[] sumsAndResidual(Collective collective) throws IOException {
        Partition partition = new Partition(SIZE, collective.worldSize());
        ErrorFeedback feedback = new ErrorFeedback(SIZE);
        FloatVector vector = FloatVector.allocate(SIZE);
        for (int step = 0; step < 3; step++) {
            vector.set(FloatVector.copyOf(gradient(collective.rank())), 0);
            collective.reduceScatter(vector, partition, feedback);
        }
        int begin = (int) partition.begin(collective.rank());
        int end = (int) partition.end(collective.rank());
        float[] result = Arrays.copyOf(vector.range(begin, end).toArray(), end - begin + SIZE);
        System.arraycopy(feedback.residual().toArray(), 0, result, end - begin, SIZE);
        return result;
    }

    private static float[] gradient(int rank) {
        SplittableRandom random = new SplittableRandom(31 + rank);
        float[] values = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }
}
