package io.unifiedlatents.core.collective.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.PeerLostException;
import io.unifiedlatents.core.collective.Ranks;
import io.unifiedlatents.core.config.ConfigException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class TcpRingTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void deathOfARankWakesAllOthersLongBeforeTheTimeout(int worldSize) throws Exception {
        List<Collective> ring = Ranks.ring(worldSize, LONG);
        long start = System.nanoTime();
        List<Throwable> failures = Ranks.run(ring, c -> {
            c.at("step 12");
            if (c.rank() == 1) {
                c.close(); // as the kernel does for a process that dies
                return new PeerLostException(1, "self", "none", "step 12", "died", null);
            }
            return catchThrowable(() -> c.allReduce(FloatVector.allocate(3_000_000)));
        });
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(10);
        assertThat(failures)
                .allSatisfy(
                        e -> assertThat(e).isInstanceOf(PeerLostException.class).hasMessageContaining("step 12"));
        failures.remove(1);
        assertThat(failures).anySatisfy(e -> {
            assertThat(((PeerLostException) e).peerRank()).isEqualTo(1);
            assertThat(e).hasMessageMatching("lost rank 1 \\(127.0.0.1:\\d+\\) in [a-z-]+ at step 12: .*");
        });
    }

    @Test
    void abortWakesTheBlockedCallAndThePeer() throws Exception {
        List<Collective> ring = Ranks.ring(2, LONG);
        IllegalStateException cause = new IllegalStateException("killed");
        List<Callable<Throwable>> calls = List.of(
                () -> catchThrowable(ring.get(0)::barrier), // blocks: rank 1 never comes
                () -> {
                    ring.get(0).abort(cause);
                    return catchThrowable(() -> {
                        ring.get(1).barrier(); // may still succeed: rank 0 had called its own
                        ring.get(1).barrier();
                    });
                });
        List<Throwable> failures = Ranks.all(calls);
        assertThat(failures.get(0)).hasRootCause(cause);
        assertThat(failures.get(1)).isInstanceOf(PeerLostException.class);
    }

    @Test
    void aSilentPeerIsNamedWithOperationStepAndTimeout() throws Exception {
        List<Collective> ring = Ranks.ring(2, Duration.ofSeconds(2));
        ring.get(0).at("step 3");
        assertThatThrownBy(() -> ring.get(0).allReduce(FloatVector.allocate(100)))
                .isInstanceOf(PeerLostException.class)
                .hasMessageMatching("lost rank 1 \\(127\\.0\\.0\\.1:\\d+\\) in reduce-scatter at step 3: "
                        + "silent for 2000 ms; raise the time-out if ranks may differ by more");
        ring.forEach(Collective::close);
    }

    @Test
    void ranksThatMakeDifferentCallsAreToldSo() throws Exception {
        List<Collective> ring = Ranks.ring(2, LONG);
        List<Throwable> failures = Ranks.run(
                ring, c -> catchThrowable(() -> c.broadcast(FloatVector.allocate(c.rank() == 0 ? 100 : 90), 0)));
        assertThat(failures.get(1))
                .isInstanceOf(PeerLostException.class)
                .hasMessageContaining("it sent frame 0 of broadcast with 400 bytes, expected frame 0 of broadcast"
                        + " with 360 bytes: the ranks do not make the same calls");
        ring.forEach(Collective::close);
    }

    @Test
    void strangersAreRefusedWhileTheRightPeersGetThrough() throws Exception {
        List<TcpRing.Listener> listeners = listeners(2);
        List<String> addresses = addresses(listeners);
        byte[] wrong = "quite another secret".getBytes(StandardCharsets.US_ASCII);
        Duration brief = Duration.ofMillis(500);
        try (Socket garbage = garbage(addresses.get(0));
                Socket silent = socket(addresses.get(0))) {
            assertThat(silent.isConnected()).isTrue();
            List<Callable<Object>> calls = new ArrayList<>();
            calls.add(() -> ring(listeners.get(0), 0, addresses, "run-1", Ranks.SECRET, LONG));
            calls.add(
                    () -> { // strangers come first, then the right peer
                        for (int i = 0; i < 2; i++) {
                            String run = i == 0 ? "run-1" : "run-2";
                            byte[] secret = i == 0 ? wrong : Ranks.SECRET;
                            try (TcpRing.Listener own = TcpRing.Listener.open("127.0.0.1", 0, 0)) {
                                List<String> theirs = List.of(addresses.get(0), own.address());
                                assertThatThrownBy(() -> own.connect(1, theirs, run, secret, Encryption.NONE, brief))
                                        .isInstanceOf(PeerLostException.class);
                            }
                        }
                        return ring(listeners.get(1), 1, addresses, "run-1", Ranks.SECRET, LONG);
                    });
            List<Collective> ring = new ArrayList<>();
            Ranks.all(calls).forEach(c -> ring.add((Collective) c));
            assertThat(Ranks.run(ring, c -> c.allReduce(1.5)[0])).containsOnly(3.0);
            ring.forEach(Collective::close);
            assertThat(garbage.isConnected()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallerWithoutTheSecretIsRefusedWhateverItAnswers(boolean reflectsTheProof) throws Exception {
        List<TcpRing.Listener> listeners = listeners(2);
        List<String> addresses = addresses(listeners);
        List<Callable<Throwable>> calls = List.of(
                () -> catchThrowable(() -> listeners
                        .get(0)
                        .connect(
                                0,
                                addresses,
                                "run-1",
                                Ranks.SECRET,
                                Encryption.NONE,
                                Duration.ofSeconds(3))), // rank 1 never comes
                () -> {
                    try (Socket impostor = socket(addresses.get(0))) {
                        impostor.setSoTimeout(20_000);
                        ByteBuffer hello = ByteBuffer.allocate(FrameLayout.HELLO_BYTES)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putInt(FrameLayout.MAGIC_OFFSET, FrameLayout.HELLO_MAGIC)
                                .putInt(FrameLayout.VERSION_OFFSET, FrameLayout.VERSION)
                                .putInt(FrameLayout.RANK_OFFSET, 1)
                                .putInt(FrameLayout.WORLD_OFFSET, 2)
                                .put(FrameLayout.HELLO_RUN_OFFSET, FrameLayout.runDigest("run-1"));
                        impostor.getOutputStream().write(hello.array());
                        byte[] challenge = impostor.getInputStream().readNBytes(FrameLayout.CHALLENGE_BYTES);
                        int from = reflectsTheProof ? FrameLayout.CHALLENGE_PROOF_OFFSET : 0;
                        impostor.getOutputStream().write(challenge, from, FrameLayout.ANSWER_BYTES);
                        assertThat(impostor.getInputStream().read()).isEqualTo(-1); // closed, not accepted
                    }
                    return new IllegalStateException("the impostor is done");
                });
        assertThat(Ranks.all(calls).get(0)).isInstanceOf(PeerLostException.class);
        listeners.get(1).close();
    }

    @Test
    void aMissingPeerFailsTheRendezvousInTime() throws Exception {
        List<TcpRing.Listener> listeners = listeners(2);
        List<String> addresses = addresses(listeners);
        listeners.get(1).close();
        assertThatThrownBy(() -> listeners
                        .get(0)
                        .connect(0, addresses, "run-1", Ranks.SECRET, Encryption.NONE, Duration.ofMillis(300)))
                .isInstanceOf(PeerLostException.class)
                .hasMessageContaining("lost rank 1 (" + addresses.get(1) + ") in connect at start: could not connect"
                        + " within 300 ms");
    }

    @Test
    void takesTheFirstFreePortOfTheRange() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> TcpRing.Listener.open("127.0.0.1", port, port))
                    .hasMessage("no free port on 127.0.0.1 in " + port + ".." + port + "; widen the range");
        }
        assertThatThrownBy(() -> TcpRing.Listener.open("127.0.0.1", 5, 4))
                .isInstanceOf(ConfigException.class)
                .hasMessage("port range 5..4 must lie in 0..65535");
    }

    private static Collective ring(
            TcpRing.Listener listener, int rank, List<String> addresses, String run, byte[] secret, Duration timeout)
            throws Exception {
        return listener.connect(rank, addresses, run, secret, Encryption.NONE, timeout);
    }

    private static List<TcpRing.Listener> listeners(int count) throws Exception {
        List<TcpRing.Listener> listeners = new ArrayList<>();
        for (int rank = 0; rank < count; rank++) {
            listeners.add(TcpRing.Listener.open("127.0.0.1", 0, 0));
        }
        return listeners;
    }

    private static List<String> addresses(List<TcpRing.Listener> listeners) throws Exception {
        List<String> addresses = new ArrayList<>();
        for (TcpRing.Listener listener : listeners) {
            addresses.add(listener.address());
        }
        return addresses;
    }

    private static Socket socket(String address) throws Exception {
        int colon = address.lastIndexOf(':');
        return new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    private static Socket garbage(String address) throws Exception {
        Socket socket = socket(address);
        OutputStream out = socket.getOutputStream();
        out.write("GET / HTTP/1.1\r\n\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return socket;
    }
}
