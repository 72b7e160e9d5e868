package io.unifiedlatents.core.collective.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM over the frames of one connection in one direction. The nonce is the number of the frame as each side
 * counts it, so a frame that was replayed, dropped or moved fails like one that was altered; the header is
 * authenticated, not hidden.
 *
 * <p>Each side has its own instance, used by one thread at a time, for one direction only.
 */
final class FrameCipher {
    private static final int NONCE_BYTES = 12;

    private final SecretKeySpec key;
    private final Cipher cipher;
    private final byte[] plain = new byte[FrameLayout.FRAME_FLOATS * Float.BYTES];
    private final byte[] sealed = new byte[plain.length + FrameLayout.TAG_BYTES];
    private final ByteBuffer wire = ByteBuffer.allocateDirect(sealed.length);

    /**
     * A cipher under a key that no other connection uses.
     *
     * @param key 32 bytes
     */
    FrameCipher(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES/GCM", e);
        }
    }

    /**
     * Encrypts a payload.
     *
     * @param number of the frame, never used twice
     * @param header the whole header, position and limit stay
     * @param payload at most a full frame; the buffers are consumed
     * @return ciphertext and tag, valid until the next call
     */
    ByteBuffer seal(long number, ByteBuffer header, ByteBuffer[] payload) {
        int length = 0;
        for (ByteBuffer part : payload) {
            int count = part.remaining();
            part.get(plain, length, count);
            length += count;
        }
        try {
            start(Cipher.ENCRYPT_MODE, number, header);
            int count = cipher.doFinal(plain, 0, length, sealed, 0);
            return wire.clear().put(sealed, 0, count).flip();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/GCM cannot encrypt frame " + number, e);
        }
    }

    /** An empty buffer that takes ciphertext and tag of so many payload bytes from the wire. */
    ByteBuffer wire(int payloadBytes) {
        return wire.clear().limit(payloadBytes + FrameLayout.TAG_BYTES);
    }

    /**
     * Decrypts what was read into {@link #wire}.
     *
     * @return the payload, valid until the next call
     * @throws IOException if header or payload are not what the peer sent as its frame of this number
     */
    ByteBuffer open(long number, ByteBuffer header) throws IOException {
        int length = wire.flip().remaining();
        wire.get(sealed, 0, length);
        try {
            start(Cipher.DECRYPT_MODE, number, header);
            return ByteBuffer.wrap(plain, 0, cipher.doFinal(sealed, 0, length, plain, 0));
        } catch (AEADBadTagException e) {
            throw new IOException(
                    "frame " + number + " fails its authentication: it was altered, replayed, moved or cut on the way;"
                            + " look for a faulty or hostile device between the ranks",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/GCM cannot decrypt frame " + number, e);
        }
    }

    private void start(int mode, long number, ByteBuffer header) throws GeneralSecurityException {
        ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(NONCE_BYTES - Long.BYTES, number);
        cipher.init(mode, key, new GCMParameterSpec(FrameLayout.TAG_BYTES * Byte.SIZE, nonce.array()));
        cipher.updateAAD(header.duplicate().clear());
    }
}
