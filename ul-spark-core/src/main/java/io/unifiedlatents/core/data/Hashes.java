package io.unifiedlatents.core.data;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;

/** SHA-256 digests in lower-case hex. */
public final class Hashes {
    private Hashes() {}

    /** Digest of the bytes, 64 hex digits. */
    public static String sha256(byte[] bytes) {
        return hex(newSha256().digest(bytes));
    }

    /** The length and digest of a file or of the rest of a stream. */
    public record Content(long bytes, String sha256) {}

    /** Reads a whole file. */
    static Content content(Storage storage, String name) throws IOException {
        try (InputStream in = storage.open(name)) {
            return content(in);
        }
    }

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
     * The bytes of a row that {@code ul.rows.sha256} in the footer of a shard is the digest of, row after row: it
     * identifies the rows of a shard without reading their pictures.
     */
    public static byte[] rowBytes(String id, String sha256) {
        return (id + " " + sha256 + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** A new SHA-256 digest. */
    public static MessageDigest newSha256() {
        return DigestUtils.getSha256Digest();
    }

    /** Bytes in lower-case hex. */
    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
