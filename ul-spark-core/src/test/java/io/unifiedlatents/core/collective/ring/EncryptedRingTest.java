package io.unifiedlatents.core.collective.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.PeerLostException;
import io.unifiedlatents.core.collective.Ranks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What encryption adds to the contract: a wiretap between rank 0 and rank 1 learns and changes nothing. */
@Timeout(60)
final class EncryptedRingTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String SECRET_TEXT = "a gradient that nobody else may read, 64 bytes of it, to the dot";

    @Test
    void aTapThatOnlyListensSeesNoPlaintext() throws Exception {
        List<Wiretap> taps = new ArrayList<>();
        List<Collective> ring = Wiretap.ring((number, frame) -> List.of(frame), taps);
        byte[] text = SECRET_TEXT.getBytes(StandardCharsets.US_ASCII);
        List<byte[]> received = Ranks.run(ring, c -> {
            ByteBuffer memory = ByteBuffer.allocateDirect(text.length);
            if (c.rank() == 0) {
                memory.put(text).flip();
            }
            c.broadcast(FloatVector.of(memory), 0);
            byte[] copy = new byte[text.length];
            memory.get(0, copy);
            return copy;
        });
        assertThat(received.get(1)).isEqualTo(text);
        String seen = new String(taps.get(0).seen(), StandardCharsets.ISO_8859_1);
        assertThat(seen).hasSize(FrameLayout.FRAME_HEADER_BYTES + text.length + FrameLayout.TAG_BYTES);
        assertThat(seen).doesNotContain("gradient");
        close(ring, taps);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                FrameLayout.FRAME_OPERATION_OFFSET,
                FrameLayout.FRAME_SEQUENCE_OFFSET,
                FrameLayout.FRAME_HEADER_BYTES, // first byte of the ciphertext
                FrameLayout.FRAME_HEADER_BYTES + 4000, // first byte of the tag
            })
    void aFlippedBitFailsTheCollective(int offset) throws Exception {
        Throwable failure = failure((number, frame) -> {
            if (number == 1) {
                frame[offset] ^= 1;
            }
            return List.of(frame);
        });
        assertThat(failure)
                .isInstanceOf(PeerLostException.class)
                .hasMessageContaining("lost rank 0")
                .hasMessageContaining("in broadcast at step 5: frame 1 fails its authentication:"
                        + " it was altered, replayed, moved or cut on the way");
    }

    @Test
    void aReplayedFrameFailsTheCollective() throws Exception {
        AtomicReference<byte[]> first = new AtomicReference<>();
        Throwable failure = failure((number, frame) -> {
            if (number == 0) {
                first.set(frame);
            }
            return List.of(number == 1 ? first.get() : frame);
        });
        assertThat(failure).hasMessageContaining("frame 1 fails its authentication");
    }

    @Test
    void aFrameCutShortFailsTheCollective() throws Exception {
        Throwable failure =
                failure((number, frame) -> List.of(number == 1 ? Arrays.copyOf(frame, frame.length - 1) : frame));
        assertThat(failure).hasMessageContaining("frame 1 fails its authentication"); // the next frame's byte fills in
        failure = failure((number, frame) -> number == 1 ? List.of() : List.of(frame));
        assertThat(failure).hasMessageContaining("the peer closed the connection");
    }

    @Test
    void aLengthBeyondAFrameIsRefusedBeforeAnythingIsRead() throws Exception {
        Throwable failure = failure((number, frame) -> {
            frame[FrameLayout.FRAME_LENGTH_OFFSET + 3] = 0x40;
            return List.of(frame);
        });
        assertThat(failure).hasMessageContaining("received bytes that are no frame of this run");
    }

    @Test
    void ranksOfDifferentSettingsDoNotConnect() throws Exception {
        List<TcpRing.Listener> listeners = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        for (int rank = 0; rank < 2; rank++) {
            listeners.add(TcpRing.Listener.open("127.0.0.1", 0, 0));
            addresses.add(listeners.get(rank).address());
        }
        Duration brief = Duration.ofSeconds(1);
        List<Callable<Throwable>> calls = new ArrayList<>();
        for (Encryption encryption : Encryption.values()) {
            int rank = encryption.code();
            calls.add(() -> catchThrowable(
                    () -> listeners.get(rank).connect(rank, addresses, "run-1", Ranks.SECRET, encryption, brief)));
        }
        assertThat(Ranks.all(calls)).allSatisfy(e -> assertThat(e).isInstanceOf(PeerLostException.class));
    }

    @Test
    void sameCallsAreStillCheckedBehindTheCipher() throws Exception {
        List<Collective> ring = Ranks.ring(2, Encryption.AES_256_GCM, LONG);
        List<Throwable> failures = Ranks.run(
                ring, c -> catchThrowable(() -> c.broadcast(FloatVector.allocate(c.rank() == 0 ? 100 : 90), 0)));
        assertThat(failures.get(1)).hasMessageContaining("the ranks do not make the same calls");
        ring.forEach(Collective::close);
    }

    /** How rank 1 fails when rank 0 sends it three frames of 4000 bytes past the attacker. */
    private static Throwable failure(Wiretap.Attack attack) throws Exception {
        List<Wiretap> taps = new ArrayList<>();
        List<Collective> ring = Wiretap.ring(attack, taps);
        List<Throwable> failures = Ranks.run(
                ring,
                c -> catchThrowable(() -> {
                    c.at("step 5");
                    for (int i = 0; i < 3; i++) {
                        c.broadcast(FloatVector.allocate(1000), 0);
                    }
                }));
        close(ring, taps);
        return failures.get(1);
    }

    private static void close(List<Collective> ring, List<Wiretap> taps) throws Exception {
        ring.forEach(Collective::close);
        for (Wiretap tap : taps) {
            tap.close();
        }
    }
}
