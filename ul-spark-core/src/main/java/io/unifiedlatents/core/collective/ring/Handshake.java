package io.unifiedlatents.core.collective.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Mutual challenge and response by which two ranks know each other: both prove knowledge of the secret over both nonces
 * and all other fields, under names that differ by role, so that neither side's proof can be reflected. Where frames
 * are to be encrypted, the key of the connection follows from the secret and both nonces.
 *
 * <p>Immutable; no step reads more than a fixed number of bytes.
 */
final class Handshake {
    private static final SecureRandom NONCES = new SecureRandom();
    private static final byte[] KEY_PURPOSE = "frames from dialler to acceptor".getBytes(StandardCharsets.US_ASCII);
    private static final byte DIALLER = 'D';
    private static final byte ACCEPTOR = 'A';

    private final int rank;
    private final int worldSize;
    private final byte[] run;
    private final byte[] secret;
    private final Encryption encryption;

    Handshake(int rank, int worldSize, String runId, byte[] secret, Encryption encryption) {
        this.rank = rank;
        this.worldSize = worldSize;
        this.run = FrameLayout.runDigest(runId);
        this.secret = secret.clone();
        this.encryption = encryption;
    }

    /** Introduces this rank to the one it dialled, and returns what encrypts the frames to it. */
    @Nullable
    FrameCipher introduce(Link link, int peerRank, long deadlineNanos) throws IOException {
        ByteBuffer hello = message(FrameLayout.HELLO_BYTES, FrameLayout.HELLO_MAGIC, rank);
        hello.putInt(FrameLayout.HELLO_ENCRYPTION_OFFSET, encryption.code());
        hello.put(FrameLayout.HELLO_RUN_OFFSET, run);
        hello.put(FrameLayout.HELLO_NONCE_OFFSET, nonce());
        send(link, hello, deadlineNanos);

        ByteBuffer challenge = receive(link, FrameLayout.CHALLENGE_BYTES, deadlineNanos);
        checkFields(challenge, FrameLayout.CHALLENGE_MAGIC, peerRank);
        byte[] proof = bytes(challenge, FrameLayout.CHALLENGE_PROOF_OFFSET, FrameLayout.DIGEST_BYTES);
        checkProof(proof, proof(ACCEPTOR, hello, challenge));

        send(link, ByteBuffer.wrap(proof(DIALLER, hello, challenge)), deadlineNanos);
        ByteBuffer accept = receive(link, FrameLayout.ACCEPT_BYTES, deadlineNanos);
        check(accept.getInt(FrameLayout.MAGIC_OFFSET) == FrameLayout.ACCEPT_MAGIC, "it did not accept us");
        return cipher(hello, challenge);
    }

    /** Admits a caller who is the expected rank of this run, or throws; returns what decrypts the frames from it. */
    @Nullable
    FrameCipher admit(Link link, int peerRank, long deadlineNanos) throws IOException {
        ByteBuffer hello = receive(link, FrameLayout.HELLO_BYTES, deadlineNanos);
        checkFields(hello, FrameLayout.HELLO_MAGIC, peerRank);
        byte[] theirRun = bytes(hello, FrameLayout.HELLO_RUN_OFFSET, FrameLayout.DIGEST_BYTES);
        check(MessageDigest.isEqual(theirRun, run), "it belongs to another run");
        int theirs = hello.getInt(FrameLayout.HELLO_ENCRYPTION_OFFSET);
        check(
                theirs == encryption.code(),
                "it asks for encryption " + theirs + ", expected " + encryption.code() + " (" + encryption
                        + "); give all ranks the same Spark settings");

        ByteBuffer challenge = message(FrameLayout.CHALLENGE_BYTES, FrameLayout.CHALLENGE_MAGIC, rank);
        challenge.put(FrameLayout.CHALLENGE_NONCE_OFFSET, nonce());
        challenge.put(FrameLayout.CHALLENGE_PROOF_OFFSET, proof(ACCEPTOR, hello, challenge));
        send(link, challenge, deadlineNanos);

        ByteBuffer answer = receive(link, FrameLayout.ANSWER_BYTES, deadlineNanos);
        checkProof(bytes(answer, 0, FrameLayout.DIGEST_BYTES), proof(DIALLER, hello, challenge));
        ByteBuffer accept = ByteBuffer.allocate(FrameLayout.ACCEPT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        send(link, accept.putInt(FrameLayout.MAGIC_OFFSET, FrameLayout.ACCEPT_MAGIC), deadlineNanos);
        return cipher(hello, challenge);
    }

    private ByteBuffer message(int length, int magic, int ownRank) {
        return ByteBuffer.allocate(length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(FrameLayout.MAGIC_OFFSET, magic)
                .putInt(FrameLayout.VERSION_OFFSET, FrameLayout.VERSION)
                .putInt(FrameLayout.RANK_OFFSET, ownRank)
                .putInt(FrameLayout.WORLD_OFFSET, worldSize);
    }

    private void checkFields(ByteBuffer message, int magic, int peerRank) throws IOException {
        check(message.getInt(FrameLayout.MAGIC_OFFSET) == magic, "it does not speak this protocol");
        int version = message.getInt(FrameLayout.VERSION_OFFSET);
        check(version == FrameLayout.VERSION, "it speaks version " + version + ", expected " + FrameLayout.VERSION);
        int theirRank = message.getInt(FrameLayout.RANK_OFFSET);
        int theirWorld = message.getInt(FrameLayout.WORLD_OFFSET);
        check(
                theirRank == peerRank && theirWorld == worldSize,
                "it is rank " + theirRank + " of " + theirWorld + ", expected " + peerRank + " of " + worldSize);
    }

    /** HMAC over role, hello, and challenge up to its own proof. */
    private byte[] proof(byte role, ByteBuffer hello, ByteBuffer challenge) {
        return hmac(
                secret,
                new byte[] {role},
                bytes(hello, 0, FrameLayout.HELLO_BYTES),
                bytes(challenge, 0, FrameLayout.CHALLENGE_PROOF_OFFSET),
                run);
    }

    /** Null where frames travel in the clear; else under HKDF-SHA256 (RFC 5869) of the secret, salted by the nonces. */
    private @Nullable FrameCipher cipher(ByteBuffer hello, ByteBuffer challenge) {
        if (encryption == Encryption.NONE) {
            return null;
        }
        ByteBuffer salt = ByteBuffer.allocate(2 * FrameLayout.NONCE_BYTES)
                .put(bytes(hello, FrameLayout.HELLO_NONCE_OFFSET, FrameLayout.NONCE_BYTES))
                .put(bytes(challenge, FrameLayout.CHALLENGE_NONCE_OFFSET, FrameLayout.NONCE_BYTES));
        byte[] extracted = hmac(salt.array(), secret);
        return new FrameCipher(hmac(extracted, KEY_PURPOSE, run, new byte[] {1}));
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static void checkProof(byte[] actual, byte[] expected) throws IOException {
        check(MessageDigest.isEqual(actual, expected), "it does not know the secret of this run");
    }

    private static void check(boolean condition, String reason) throws IOException {
        if (!condition) {
            throw new IOException(reason);
        }
    }

    private static byte[] nonce() {
        byte[] nonce = new byte[FrameLayout.NONCE_BYTES];
        NONCES.nextBytes(nonce);
        return nonce;
    }

    private static byte[] bytes(ByteBuffer message, int begin, int length) {
        byte[] copy = new byte[length];
        message.get(begin, copy);
        return copy;
    }

    private static void send(Link link, ByteBuffer message, long deadlineNanos) throws IOException {
        link.write(new ByteBuffer[] {message.duplicate().rewind()}, deadlineNanos);
    }

    private static ByteBuffer receive(Link link, int length, long deadlineNanos) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        link.read(message, deadlineNanos);
        return message.rewind();
    }
}
