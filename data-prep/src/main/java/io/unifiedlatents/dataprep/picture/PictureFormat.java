package io.unifiedlatents.dataprep.picture;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The format of a picture by its first bytes. Formats without a signature, such as WBMP, are not read. */
enum PictureFormat {
    JPEG,
    WEBP,
    PNG,
    /** Decoded by ImageIO. */
    OTHER,
    UNKNOWN;

    private static final List<String> OTHERS = List.of("GIF87a", "GIF89a", "BM", "II*\0", "MM\0*");

    static PictureFormat of(byte[] bytes) {
        if (starts(bytes, 0, "\u00FF\u00D8\u00FF")) {
            return JPEG;
        }
        if (starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP")) {
            return WEBP;
        }
        if (starts(bytes, 0, "\u0089PNG\r\n\u001A\n")) {
            return PNG;
        }
        return OTHERS.stream().anyMatch(signature -> starts(bytes, 0, signature)) ? OTHER : UNKNOWN;
    }

    static boolean starts(byte[] bytes, int from, String signature) {
        byte[] expected = signature.getBytes(StandardCharsets.ISO_8859_1);
        return bytes.length >= from + expected.length
                && Arrays.equals(bytes, from, from + expected.length, expected, 0, expected.length);
    }
}
