package io.unifiedlatents.dataprep.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive (ustar, GNU, PAX) front to back. Trusts nothing: checksums of headers are verified, names are
 * bounded, and an archive without its end mark, or with data behind it, is damaged. Libraries are more forgiving, which
 * here would lose inputs in silence.
 */
final class TarStream {
    /** Headers and, padded, contents are multiples of this. */
    static final int BLOCK = 512;

    /** Bytes of the long names and PAX records of one member. */
    private static final int MOST_EXTRA_BYTES = 1 << 20;

    private static final byte[] ZEROS = new byte[BLOCK];

    /** Bytes that are not a tar archive, or no longer. */
    static final class DamagedException extends IOException {
        DamagedException(String message) {
            super(message);
        }
    }

    /** The kind of a member. */
    enum Kind {
        FILE,
        FOLDER,
        LINK,
        DEVICE,
        SPARSE,
        /** A part of a file that begins or goes on in another archive. */
        CONTINUED
    }

    /**
     * A member.
     *
     * @param name as it stands in the archive
     * @param size of its content in bytes
     * @param target where a link leads, else empty
     * @param offset where its headers begin, counted from the begin of this stream
     */
    record Entry(String name, Kind kind, long size, String target, long offset) {}

    private final InputStream in;
    private final boolean fragment;
    private final byte[] block = new byte[BLOCK];
    private final Map<String, String> global = new HashMap<>();
    private long position;
    private long contentLeft;
    private long paddingLeft;

    /**
     * Reads from a stream, which it does not close.
     *
     * @param fragment whether the stream holds members only, so that it ends with the last of them
     */
    TarStream(InputStream in, boolean fragment) {
        this.in = in;
        this.fragment = fragment;
    }

    /**
     * The next member, or null after the end mark; what is left of the previous member is skipped.
     *
     * @throws DamagedException where the bytes are no tar archive
     */
    @Nullable
    Entry next() throws IOException {
        skipContent();
        long offset = position;
        Map<String, String> own = new HashMap<>();
        int extra = 0;
        while (true) {
            if (!readBlock()) {
                if (fragment && position == offset) {
                    return null;
                }
                throw new DamagedException(
                        position == 0 ? "it is empty" : "it ends after " + position + " bytes without an end mark");
            }
            if (isZero(block, BLOCK)) {
                end();
                return null;
            }
            requireChecksum();
            char type = (char) (block[156] & 0xff);
            long size = headerSize();
            switch (type) {
                case 'x', 'X', 'g', 'L', 'K' -> {
                    extra += requireSmall(size, extra);
                    byte[] content = content(size);
                    switch (type) {
                        case 'L' -> own.put("path", text(content, 0, content.length));
                        case 'K' -> own.put("linkpath", text(content, 0, content.length));
                        case 'g' -> parsePax(content, global);
                        default -> parsePax(content, own);
                    }
                }
                case 'V' -> content(requireSmall(size, extra)); // the label of a volume
                default -> {
                    return entry(type, size, own, offset);
                }
            }
        }
    }

    /** Whether a global header was met, on which later members depend. */
    boolean hasGlobalHeader() {
        return !global.isEmpty();
    }

    /** The content of the current member; reading it throws where the archive is cut off. */
    InputStream content() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int start, int length) throws IOException {
                if (contentLeft == 0) {
                    return -1;
                }
                int count = in.read(target, start, (int) Math.min(length, contentLeft));
                if (count < 0) {
                    throw cutOff();
                }
                position += count;
                contentLeft -= count;
                return count;
            }

            @Override
            public long skip(long count) throws IOException {
                long skipped = in.skip(Math.min(count, contentLeft));
                position += skipped;
                contentLeft -= skipped;
                return skipped;
            }
        };
    }

    private Entry entry(char type, long headerSize, Map<String, String> own, long offset) throws IOException {
        String name = value(own, "path", ustarName());
        String target = value(own, "linkpath", text(block, 157, 100));
        String paxSize = value(own, "size", "");
        boolean folder = type == '5' || type == 'D' || ((type == '0' || type == 0) && name.endsWith("/"));
        Kind kind = kind(type, folder);
        if (kind == Kind.FILE
                && Stream.of(own, global)
                        .flatMap(keys -> keys.keySet().stream())
                        .anyMatch(key -> key.startsWith("GNU.sparse."))) {
            kind = Kind.SPARSE;
        }
        long size = paxSize.isEmpty() ? headerSize : decimal(paxSize);
        if (type == '1' || type == '2' || type == '5') {
            size = 0; // whatever the header says: GNU tar writes the size of what a link leads to
        }
        if (type == 'S') {
            skipSparseMaps();
        }
        contentLeft = size;
        paddingLeft = (BLOCK - size % BLOCK) % BLOCK;
        return new Entry(name, kind, size, target, offset);
    }

    private static Kind kind(char type, boolean folder) {
        if (folder) {
            return Kind.FOLDER;
        }
        return switch (type) {
            case '1', '2' -> Kind.LINK;
            case '3', '4', '6' -> Kind.DEVICE;
            case 'S' -> Kind.SPARSE;
            case 'M' -> Kind.CONTINUED;
            default -> Kind.FILE; // as POSIX asks for types that one does not know
        };
    }

    private String value(Map<String, String> own, String key, String otherwise) {
        String value = own.containsKey(key) ? own.get(key) : global.get(key);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    private String ustarName() {
        String name = text(block, 0, 100);
        boolean posix =
                text(block, 257, 6).equals("ustar"); // GNU's is followed by a space and uses the prefix for times
        String prefix = posix ? text(block, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private void skipSparseMaps() throws IOException {
        boolean more = block[482] != 0;
        while (more) {
            if (!readBlock()) {
                throw cutOff();
            }
            more = block[504] != 0;
        }
    }

    private static void parsePax(byte[] records, Map<String, String> into) throws IOException {
        int start = 0;
        while (start < records.length && records[start] != 0) {
            int digits = start;
            long length = 0;
            while (digits < records.length
                    && records[digits] >= '0'
                    && records[digits] <= '9'
                    && length < records.length) {
                length = 10 * length + records[digits++] - '0';
            }
            int end = (int) Math.min(start + length, Integer.MAX_VALUE);
            if (digits == start || end > records.length || digits >= end - 1 || records[digits] != ' ') {
                throw new DamagedException("a PAX record has no valid length");
            }
            String record = decoded(records, digits + 1, end - 1);
            int equals = record.indexOf('=');
            if (equals < 1 || records[end - 1] != '\n') {
                throw new DamagedException("a PAX record has no key");
            }
            into.put(record.substring(0, equals), record.substring(equals + 1));
            start = end;
        }
    }

    /** Reads what follows the first zero block: another, and padding. */
    private void end() throws IOException {
        boolean marked = readBlock();
        boolean padding = marked && isZero(block, BLOCK);
        long mark = position;
        int count = marked ? BLOCK : 0;
        while (padding && count > 0) {
            count = in.readNBytes(block, 0, BLOCK);
            position += count;
            padding = isZero(block, count);
        }
        if (!marked || !padding) {
            throw new DamagedException(
                    marked ? "data follow its end mark at byte " + (mark - 2 * BLOCK) : "its end mark is cut off");
        }
    }

    private void skipContent() throws IOException {
        while (contentLeft + paddingLeft > 0) {
            long skipped = in.skip(contentLeft + paddingLeft);
            if (skipped <= 0) {
                skipped = in.readNBytes(block, 0, (int) Math.min(BLOCK, contentLeft + paddingLeft));
                if (skipped == 0) {
                    throw cutOff();
                }
            }
            position += skipped;
            paddingLeft -= Math.max(0, skipped - contentLeft);
            contentLeft = Math.max(0, contentLeft - skipped);
        }
    }

    private boolean readBlock() throws IOException {
        int count = in.readNBytes(block, 0, BLOCK);
        position += count;
        if (count > 0 && count < BLOCK) {
            throw cutOff();
        }
        return count == BLOCK;
    }

    private byte[] content(long size) throws IOException {
        byte[] content = in.readNBytes((int) size);
        position += content.length;
        if (content.length < size) {
            throw cutOff();
        }
        contentLeft = 0;
        paddingLeft = (BLOCK - size % BLOCK) % BLOCK;
        skipContent();
        return content;
    }

    private static int requireSmall(long size, int already) throws IOException {
        if (size > MOST_EXTRA_BYTES - already) {
            throw new DamagedException("names of " + size + " bytes, at most " + MOST_EXTRA_BYTES + " are read");
        }
        return (int) size;
    }

    private void requireChecksum() throws IOException {
        try {
            if (TarUtils.verifyCheckSum(block)) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // the checksum is no number
        }
        throw new DamagedException("no valid header at byte " + (position - BLOCK));
    }

    /** The size in a header: octal digits, or big-endian binary where the first bit is set. */
    private long headerSize() throws IOException {
        try {
            return requireSize(TarUtils.parseOctalOrBinary(block, 124, 12));
        } catch (IllegalArgumentException e) {
            return requireSize(-1);
        }
    }

    private long decimal(String digits) throws IOException {
        try {
            return requireSize(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return requireSize(-1);
        }
    }

    private long requireSize(long size) throws IOException {
        if (size < 0 || size > Long.MAX_VALUE - 2L * BLOCK - position) {
            throw new DamagedException("no valid number in the header at byte " + (position - BLOCK));
        }
        return size;
    }

    private EOFException cutOff() {
        return new EOFException("it is cut off after " + position + " bytes");
    }

    private static boolean isZero(byte[] block, int length) {
        return Arrays.equals(block, 0, length, ZEROS, 0, length);
    }

    private static String text(byte[] bytes, int start, int length) {
        int end = start;
        while (end < start + length && bytes[end] != 0) {
            end++;
        }
        return decoded(bytes, start, end);
    }

    /** Returns UTF-8 or, where the bytes are not UTF-8, Latin-1, so that different names stay different. */
    private static String decoded(byte[] bytes, int start, int end) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, end - start))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
        }
    }
}
