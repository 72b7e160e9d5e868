package io.unifiedlatents.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests in lower-case hex. */
public final class Hashes {
    private Hashes() {}

    /** Digest of the bytes, 64 hex digits. */
    public static String sha256(byte[] bytes) {
        return hex(newSha256().digest(bytes));
    }

    /** Length and digest of what a stream still holds. */
    public record Content(long bytes, String sha256) {}

    /** Reads a stream to its end, without closing it. */
    public static Content content(InputStream in) throws IOException {
        MessageDigest digest = newSha256();
        long bytes = new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
        return new Content(bytes, hex(digest.digest()));
    }

    /** Digest of the text in UTF-8, 64 hex digits. */
    public static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The id of a sample: the first 32 hex digits of the digest of its source and the window within it.
     *
     * @param source path relative to the prepared directory, with forward slashes
     * @param window index of the clip within a video; 0 for a picture
     */
    public static String sampleId(String source, long window) {
        return sha256(source + "\n" + window).substring(0, 32);
    }

    /**
     * What {@code ul.rows.sha256} in the footer of a shard digests for each row, in order: the digest over these names
     * the rows of a shard without its bytes.
     */
    public static byte[] rowBytes(String id, String sha256) {
        return (id + " " + sha256 + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** A new SHA-256 digest. */
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Bytes in lower-case hex. */
    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
