package io.unifiedlatents.core.collective.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.ErrorFeedback;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.collective.PeerLostException;
import io.unifiedlatents.core.collective.Ranks;
import io.unifiedlatents.core.config.ConfigException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Over {@link FakeGpu}; what all collectives promise is in
 * {@link io.unifiedlatents.core.collective.CollectiveContractTest}.
 */
@Timeout(60)
final class NcclCollectiveTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(5); // so long that a test fails before

    private final List<Collective> opened = new ArrayList<>();

    @BeforeEach
    void nothingIsOpen() throws Exception {
        assertThat(FakeGpu.control().fakeLive()).isZero();
    }

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        opened.forEach(Collective::close);
        assertThat(FakeGpu.control().fakeLive()).isZero();
    }

    private List<Collective> ranks(int worldSize, Duration timeout) throws Exception {
        List<Collective> ranks = FakeGpu.ranks(worldSize, timeout);
        opened.addAll(ranks);
        return ranks;
    }

    private static DeviceFloats vector(int gpu, float... values) throws Exception {
        return FakeGpu.copy(FakeGpu.open(gpu), FloatVector.copyOf(values));
    }

    private static Throwable failure(Collective collective) throws Exception {
        DeviceFloats floats = vector(collective.rank(), 1, 2, 3);
        return catchThrowable(() -> collective.allReduce(floats));
    }

    @Test
    void waitsForWhatIsBeingComputedOnEveryGpu() throws Exception {
        List<Collective> ranks = ranks(3, LONG);
        List<DeviceFloats> vectors = new ArrayList<>();
        for (int rank = 0; rank < 3; rank++) { // all by this thread, which does not call the collective
            vectors.add(vector(rank, 1, 2));
            FakeGpu.control().fakeCompute(rank, vectors.get(rank).pointer(1), 10 + rank);
        }
        List<float[]> sums = Ranks.run(ranks, c -> {
            c.allReduce(vectors.get(c.rank()));
            FloatVector host = FloatVector.allocate(2);
            vectors.get(c.rank()).copyTo(host);
            return host.toArray();
        });
        assertThat(sums).allSatisfy(sum -> assertThat(sum).containsExactly(3, 33));
    }

    @Test
    void aPeerThatIsGoneIsNamedInTime() throws Exception {
        List<Collective> ranks = ranks(3, SHORT);
        ranks.forEach(c -> c.at("step 9"));
        ranks.get(2).close();
        List<Throwable> failures = Ranks.run(ranks.subList(0, 2), NcclCollectiveTest::failure);
        assertThat(failures)
                .allSatisfy(
                        e -> assertThat(e).isInstanceOf(PeerLostException.class).hasMessageContaining("at step 9"));
        assertThat(failures.get(0)).hasMessageContaining("lost rank 2"); // 1 hears of it by losing 0
        assertThat(failures.get(0).getSuppressed()[0])
                .hasMessage("rank 0 of 3 (GPU 0) in reduce-scatter by NCCL at step 9: not done after 300 ms");
        assertThatThrownBy(() -> ranks.get(0).check()).isInstanceOf(IOException.class);
    }

    @Test
    void aCallThatPeersNeverMakeIsToldFromALostPeer() throws Exception {
        List<Collective> ranks = FakeGpu.ranks(Ranks.ring(2, LONG), SHORT);
        opened.addAll(ranks);
        List<Throwable> failures = Ranks.run(ranks, c -> {
            if (c.rank() == 0) {
                return failure(c);
            }
            c.barrier(); // meets the question that rank 0 asks when its time is up
            return failure(c);
        });
        assertThat(failures.get(0))
                .isExactlyInstanceOf(IOException.class)
                .hasMessageContaining("not done after 300 ms; all ranks answer on the control connections");
        assertThat(failures.get(1)).isInstanceOf(PeerLostException.class).hasMessageContaining("lost rank 0");
        assertThat(failures.get(1).getSuppressed()[0]).hasMessageContaining("NCCL error 6, a peer failed");
    }

    @Test
    void abortFromAnotherThreadEndsTheWaitAndFailsThePeers() throws Exception {
        List<Collective> ranks = ranks(2, LONG);
        IllegalStateException cause = new IllegalStateException("task killed");
        assertThat(failureWhile(ranks.get(0), () -> ranks.get(0).abort(cause)))
                .isInstanceOf(IOException.class)
                .hasRootCause(cause);
        assertThat(failure(ranks.get(1))).isInstanceOf(PeerLostException.class).hasMessageContaining("lost rank 0");
    }

    @Test
    void closeFromAnotherThreadEndsTheWait() throws Exception {
        List<Collective> ranks = ranks(2, LONG);
        assertThat(failureWhile(ranks.get(0), () -> ranks.get(0).close())).hasMessageContaining("is closed");
    }

    /** How a call ends when another thread does something while it waits. */
    private static Throwable failureWhile(Collective collective, Runnable action) throws Exception {
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        Callable<Throwable> blocked = () -> {
            caller.complete(Thread.currentThread());
            return failure(collective);
        };
        Callable<Throwable> other = () -> {
            while (caller.join().getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            action.run();
            return new IOException();
        };
        return Ranks.all(List.of(blocked, other)).get(0);
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        Collective first = ranks(2, LONG).get(0);
        Callable<Throwable> call = () -> {
            Thread.currentThread().interrupt();
            return failure(first);
        };
        assertThat(Ranks.all(List.of(call)).get(0)).isInstanceOf(InterruptedIOException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 8})
    void whatNcclSaysReachesTheCaller(int code) throws Exception {
        Collective alone = ranks(1, LONG).get(0);
        FakeGpu.control().fakeFail(code, 0);
        Throwable thrown = failure(alone);
        assertThat(thrown)
                .isInstanceOf(code == 5 ? ConfigException.class : IOException.class)
                .hasMessageContaining(NcclResult.of(code).message(code, "what NCCL said"));
        assertThatThrownBy(alone::check).hasRootCause(thrown);
    }

    @Test
    void whatCudaSaysReachesTheCaller() throws Exception {
        Collective alone = ranks(1, LONG).get(0);
        FakeGpu.control().fakeFail(0, 2);
        assertThat(failure(alone))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("GPU 0: CUDA error 2, out of memory");
    }

    @Test
    void joiningFailsInTimeAndGivesEverythingBack() throws Exception {
        List<Collective> ring = Ranks.ring(2, SHORT);
        List<Throwable> failures = Ranks.run(ring, control -> {
            if (control.rank() == 1) { // learns the id, and dies
                control.broadcast(FloatVector.allocate(NcclUniqueId.BYTES / Float.BYTES), 0);
                control.close();
            }
            return catchThrowable(() -> NcclCollective.connect(control, FakeGpu.open(control.rank()), SHORT));
        });
        assertThat(failures.get(0)).isInstanceOf(PeerLostException.class).hasMessageContaining("lost rank 1");
        assertThat(failures.get(1)).hasMessageContaining("is closed");
        assertThatThrownBy(() -> ring.get(0).check()).isInstanceOf(IOException.class);
    }

    @Test
    void ranksMayNotShareAGpu() throws Exception {
        List<Throwable> failures = Ranks.run(
                Ranks.ring(2, LONG),
                control -> catchThrowable(() -> NcclCollective.connect(control, FakeGpu.open(0), LONG)));
        assertThat(failures)
                .anySatisfy(e -> assertThat(e)
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining("rank ")
                        .hasMessageContaining("no two ranks share a GPU"));
        assertThat(failures).doesNotContainNull();
    }

    @Test
    void vectorsOfAnotherGpuAreRefused() throws Exception {
        Collective alone = ranks(1, LONG).get(0);
        DeviceFloats elsewhere = vector(1, 0);
        assertThatThrownBy(() -> alone.broadcast(elsewhere, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the vector lies on GPU 1, the communicator of rank 0 uses GPU 0");
    }

    @Test
    void gradientsOnAGpuDoNotTravelAsBfloat16() throws Exception {
        Collective alone = ranks(1, LONG).get(0);
        DeviceFloats floats = vector(0, 1, 2);
        assertThatThrownBy(() -> alone.reduceScatter(floats, new Partition(2, 1), new ErrorFeedback(2)))
                .isInstanceOf(ConfigException.class)
                .hasMessage("cluster.gradientWire=bf16 works on host memory only; set it to fp32 for GPUs");
        alone.check();
    }
}
