package io.unifiedlatents.core.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class LocalCollectiveTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void sumsAreThoseOfTheRingToTheLastBit(int worldSize) throws Exception {
        List<Collective> ring = Ranks.ring(worldSize, LONG);
        List<float[]> overTheRing = Ranks.run(ring, LocalCollectiveTest::sum);
        List<float[]> inMemory = Ranks.run(LocalCollective.group(worldSize, LONG), LocalCollectiveTest::sum);
        for (int rank = 0; rank < worldSize; rank++) {
            assertThat(inMemory.get(rank)).isEqualTo(overTheRing.get(rank));
        }
        ring.forEach(Collective::close);
    }

    @Test
    void deathOfARankFailsTheOthersAtOnce() throws Exception {
        List<Collective> ranks = LocalCollective.group(3, LONG);
        List<Throwable> failures = Ranks.run(ranks, c -> {
            c.at("step 12");
            if (c.rank() == 1) {
                c.abort(new IllegalStateException("out of memory"));
            }
            return catchThrowable(() -> c.allReduce(FloatVector.allocate(1000)));
        });
        assertThat(failures.get(1))
                .hasMessageContaining("rank 1 aborted at step 12")
                .hasMessageContaining("memory");
        failures.remove(1);
        assertThat(failures).allSatisfy(e -> {
            assertThat(e).isInstanceOf(PeerLostException.class).hasMessageContaining("out of memory");
            assertThat(((PeerLostException) e).peerRank()).isEqualTo(1);
        });
    }

    @Test
    void aSilentRankIsNamedWithOperationStepAndTimeout() {
        Collective first = LocalCollective.group(2, Duration.ofMillis(200)).get(0);
        first.at("step 3");
        assertThatThrownBy(() -> first.allReduce(FloatVector.allocate(100)))
                .isInstanceOf(PeerLostException.class)
                .hasMessage("lost rank 1 (a thread of this process) in reduce-scatter at step 3: silent for 200 ms;"
                        + " raise the time-out if ranks may differ by more");
    }

    @Test
    void ranksThatMakeDifferentCallsAreToldSo() throws Exception {
        List<Throwable> failures = Ranks.run(
                LocalCollective.group(2, LONG),
                c -> catchThrowable(() -> c.broadcast(FloatVector.allocate(c.rank() == 0 ? 100 : 90), 0)));
        assertThat(failures)
                .allSatisfy(e -> assertThat(e)
                        .isInstanceOf(PeerLostException.class)
                        .hasMessageContaining("broadcast of 100 floats from root 0")
                        .hasMessageContaining("broadcast of 90 floats from root 0")
                        .hasMessageContaining("the ranks do not make the same calls"));
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        Collective first = LocalCollective.group(2, LONG).get(0);
        Callable<Throwable> call = () -> {
            Thread.currentThread().interrupt();
            return catchThrowable(first::barrier);
        };
        assertThat(Ranks.all(List.of(call)).get(0)).isInstanceOf(java.io.InterruptedIOException.class);
    }

    private static float[] sum(Collective collective) throws java.io.IOException {
        SplittableRandom random = new SplittableRandom(collective.rank());
        float[] values = new float[200_003];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        FloatVector vector = FloatVector.copyOf(values);
        collective.allReduce(vector);
        return vector.toArray();
    }
}
