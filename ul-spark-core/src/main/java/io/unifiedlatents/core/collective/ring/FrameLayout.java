package io.unifiedlatents.core.collective.ring;

import static java.lang.Integer.BYTES;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The offsets in all messages between two ranks, little endian; {@code docs/formats/frames.md} explains them.
 *
 * <pre>
 * frame     | magic u32 | operation u32 | run u64 | sequence u64 | length u32 | payload, length bytes | tag |
 * hello     | magic u32 | version u32 | rank u32 | world u32 | encryption u32 | run, 32 bytes | nonce, 32 bytes |
 * challenge | magic u32 | version u32 | rank u32 | world u32 | nonce, 32 bytes | proof, 32 bytes |
 * answer    | proof, 32 bytes |
 * accept    | magic u32 |
 * </pre>
 */
final class FrameLayout {
    static final int VERSION = 2;
    static final int DIGEST_BYTES = 32;
    static final int NONCE_BYTES = 32;

    static final int FRAME_MAGIC = 0x464D_4C55; // "ULMF"
    static final int FRAME_MAGIC_OFFSET = 0;
    static final int FRAME_OPERATION_OFFSET = FRAME_MAGIC_OFFSET + BYTES;
    static final int FRAME_RUN_OFFSET = FRAME_OPERATION_OFFSET + BYTES;
    static final int FRAME_SEQUENCE_OFFSET = FRAME_RUN_OFFSET + Long.BYTES;
    static final int FRAME_LENGTH_OFFSET = FRAME_SEQUENCE_OFFSET + Long.BYTES;
    static final int FRAME_HEADER_BYTES = FRAME_LENGTH_OFFSET + BYTES;

    /** Floats in a full frame: 256 KiB. */
    static final int FRAME_FLOATS = 1 << 16;

    /** Length of the tag after the payload of an encrypted frame; others have none. */
    static final int TAG_BYTES = 16;

    static final int HELLO_MAGIC = 0x484D_4C55; // "ULMH"
    static final int CHALLENGE_MAGIC = 0x434D_4C55; // "ULMC"
    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + BYTES;
    static final int RANK_OFFSET = VERSION_OFFSET + BYTES;
    static final int WORLD_OFFSET = RANK_OFFSET + BYTES;

    static final int HELLO_ENCRYPTION_OFFSET = WORLD_OFFSET + BYTES;
    static final int HELLO_RUN_OFFSET = HELLO_ENCRYPTION_OFFSET + BYTES;
    static final int HELLO_NONCE_OFFSET = HELLO_RUN_OFFSET + DIGEST_BYTES;
    static final int HELLO_BYTES = HELLO_NONCE_OFFSET + NONCE_BYTES;

    static final int CHALLENGE_NONCE_OFFSET = WORLD_OFFSET + BYTES;
    static final int CHALLENGE_PROOF_OFFSET = CHALLENGE_NONCE_OFFSET + NONCE_BYTES;
    static final int CHALLENGE_BYTES = CHALLENGE_PROOF_OFFSET + DIGEST_BYTES;

    static final int ANSWER_BYTES = DIGEST_BYTES;

    static final int ACCEPT_MAGIC = 0x414D_4C55; // "ULMA"
    static final int ACCEPT_BYTES = BYTES;

    private FrameLayout() {}

    /** The run id on the wire: SHA-256 of its UTF-8 bytes. */
    static byte[] runDigest(String runId) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(runId.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
