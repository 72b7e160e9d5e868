package io.unifiedlatents.core.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * Deflate (RFC 1951) whose only repetitions are runs of one byte. Filtered photographs have few others: they become
 * about as small as by zlib's level 3 in a third of its time. Unlike zlib, whose versions differ, it gives the same
 * bytes on every machine.
 */
final class HuffmanDeflate {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int BLOCK = 1 << 16; // input bytes that share a code
    private static final int END_OF_BLOCK = 256;
    private static final int LENGTHS = 257; // first symbol of a run
    private static final int SYMBOLS = 286;
    private static final int MIN_RUN = 4;
    private static final int MAX_RUN = 258;
    private static final int MAX_BITS = 15;

    /** Symbols of the code in which the code lengths are written, in the order of a block's header. */
    private static final int[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private static final int REPEAT = 16; // of the last length, 3 to 6 times
    private static final int ZEROS = 17; // 3 to 10
    private static final int MANY_ZEROS = 18; // 11 to 138
    private static final int LENGTH_BITS = 7;

    private static final int[] LENGTH_SYMBOL = new int[MAX_RUN + 1];
    private static final int[] LENGTH_BASE = new int[SYMBOLS];
    private static final int[] LENGTH_EXTRA = new int[SYMBOLS];

    static {
        int length = 3;
        for (int symbol = LENGTHS; symbol < SYMBOLS - 1; symbol++) {
            LENGTH_BASE[symbol] = length;
            LENGTH_EXTRA[symbol] = Math.max(0, (symbol - LENGTHS - 4) / 4);
            for (int end = length + (1 << LENGTH_EXTRA[symbol]); length < end && length < MAX_RUN; length++) {
                LENGTH_SYMBOL[length] = symbol;
            }
        }
        LENGTH_BASE[SYMBOLS - 1] = MAX_RUN;
        LENGTH_SYMBOL[MAX_RUN] = SYMBOLS - 1;
    }

    private final byte[] in;
    private byte[] out;
    private int bytes;
    private long bits;
    private int bitCount;

    private HuffmanDeflate(byte[] in) {
        this.in = in;
        this.out = new byte[in.length / 2 + 64];
    }

    /** Returns the zlib stream (RFC 1950) of at least one byte. */
    static byte[] zlib(byte[] in) {
        HuffmanDeflate deflate = new HuffmanDeflate(in);
        deflate.put(0x0178, 16); // deflate, window 32 KiB, fastest
        for (int start = 0; start < in.length; start += BLOCK) {
            deflate.block(start, Math.min(start + BLOCK, in.length));
        }
        deflate.put(0, (8 - deflate.bitCount % 8) % 8);
        Adler32 adler = new Adler32();
        adler.update(in);
        deflate.put(Integer.toUnsignedLong(Integer.reverseBytes((int) adler.getValue())), 32);
        while (deflate.bitCount > 0) {
            deflate.out[deflate.bytes++] = (byte) deflate.bits;
            deflate.bits >>>= 8;
            deflate.bitCount -= 8;
        }
        return Arrays.copyOf(deflate.out, deflate.bytes);
    }

    private void block(int start, int end) {
        int worst = bytes + 2 * (end - start) + 1024; // 15 bits a symbol and the header
        if (out.length < worst) {
            out = Arrays.copyOf(out, Math.max(worst, out.length + out.length / 2));
        }
        int[] counts = count(start, end);
        int[] lengths = codeLengths(counts, MAX_BITS);
        put(end == in.length ? 1 : 0, 1);
        put(2, 2); // a code of its own
        header(lengths);
        write(start, end, codes(lengths));
    }

    private int[] count(int start, int end) {
        int[] counts = new int[SYMBOLS];
        for (int i = start; i < end; ) {
            if (runStarts(i, end)) {
                int length = run(i, end);
                counts[LENGTH_SYMBOL[length]]++;
                i += length;
            } else {
                counts[in[i] & 0xFF]++;
                i++;
            }
        }
        counts[END_OF_BLOCK] = 1;
        return counts;
    }

    private boolean runStarts(int i, int end) {
        return i > 0 && i + MIN_RUN <= end && (int) INTS.get(in, i) == (in[i - 1] & 0xFF) * 0x01010101;
    }

    private int run(int i, int end) {
        int stop = Math.min(end, i + MAX_RUN);
        int j = i + MIN_RUN;
        while (j < stop && in[j] == in[i]) {
            j++;
        }
        return j - i;
    }

    private void write(int start, int end, int[] codes) {
        for (int i = start; i < end; ) {
            if (runStarts(i, end)) {
                int length = run(i, end);
                int symbol = LENGTH_SYMBOL[length];
                put(codes[symbol] & 0xFFFF, codes[symbol] >>> 16);
                put(length - LENGTH_BASE[symbol], LENGTH_EXTRA[symbol]);
                put(0, 1); // the only distance
                i += length;
            } else {
                int code = codes[in[i] & 0xFF];
                put(code & 0xFFFF, code >>> 16);
                i++;
            }
        }
        put(codes[END_OF_BLOCK] & 0xFFFF, codes[END_OF_BLOCK] >>> 16);
    }

    /** Appends up to 32 bits, the lowest first. */
    private void put(long value, int count) {
        bits |= value << bitCount;
        bitCount += count;
        if (bitCount >= 32) {
            INTS.set(out, bytes, (int) bits);
            bytes += 4;
            bits >>>= 32;
            bitCount -= 32;
        }
    }

    /** Code lengths of the symbols and of the one distance, 1 byte, run-length coded and Huffman-coded in turn. */
    private void header(int[] symbolLengths) {
        int[] lengths = Arrays.copyOf(symbolLengths, SYMBOLS + 1);
        lengths[SYMBOLS] = 1;
        int[] tokens = new int[lengths.length]; // symbol, and above 8 bits what it repeats
        int used = 0;
        for (int i = 0; i < lengths.length; ) {
            int n = 1;
            while (i + n < lengths.length && lengths[i + n] == lengths[i]) {
                n++;
            }
            if (lengths[i] == 0 && n >= 3) {
                n = Math.min(n, 138);
                tokens[used++] = n < 11 ? ZEROS | (n - 3) << 8 : MANY_ZEROS | (n - 11) << 8;
            } else if (n >= 4) {
                n = Math.min(n, 7);
                tokens[used++] = lengths[i];
                tokens[used++] = REPEAT | (n - 4) << 8;
            } else {
                tokens[used++] = lengths[i];
                n = 1;
            }
            i += n;
        }
        int[] counts = new int[ORDER.length];
        for (int i = 0; i < used; i++) {
            counts[tokens[i] & 0xFF]++;
        }
        int[] tokenLengths = codeLengths(counts, LENGTH_BITS);
        int[] codes = codes(tokenLengths);
        put(SYMBOLS - 257, 5);
        put(0, 5); // one distance
        put(ORDER.length - 4, 4);
        for (int symbol : ORDER) {
            put(tokenLengths[symbol], 3);
        }
        for (int i = 0; i < used; i++) {
            int token = tokens[i] & 0xFF;
            put(codes[token] & 0xFFFF, codes[token] >>> 16);
            int extra = token == REPEAT ? 2 : token == ZEROS ? 3 : token == MANY_ZEROS ? 7 : 0;
            put(tokens[i] >> 8, extra);
        }
    }

    /** Huffman's code lengths, at most {@code limit}; counts are flattened until they fit. */
    private static int[] codeLengths(int[] counts, int limit) {
        int[] flattened = counts.clone();
        while (true) {
            int[] lengths = huffman(flattened);
            if (Arrays.stream(lengths).max().orElse(0) <= limit) {
                return lengths;
            }
            for (int i = 0; i < flattened.length; i++) {
                flattened[i] = (flattened[i] + 1) / 2;
            }
        }
    }

    /** Merges two queues: leaves in the order of their counts, and inner nodes, which arise in that order. */
    private static int[] huffman(int[] counts) {
        long[] leaves = new long[counts.length];
        int n = 0;
        for (int symbol = 0; symbol < counts.length; symbol++) {
            if (counts[symbol] > 0) {
                leaves[n++] = (long) counts[symbol] << 16 | symbol;
            }
        }
        Arrays.sort(leaves, 0, n);
        int[] lengths = new int[counts.length];
        if (n == 1) {
            lengths[(int) leaves[0] & 0xFFFF] = 1;
            return lengths;
        }
        long[] weights = new long[2 * n - 1]; // leaves, then inner nodes
        int[] parents = new int[2 * n - 1];
        for (int i = 0; i < n; i++) {
            weights[i] = leaves[i] >> 16;
        }
        int leaf = 0;
        int inner = n;
        for (int node = n; node < weights.length; node++) {
            for (int child = 0; child < 2; child++) {
                int least = leaf < n && (inner == node || weights[leaf] <= weights[inner]) ? leaf++ : inner++;
                weights[node] += weights[least];
                parents[least] = node;
            }
        }
        int[] depths = new int[weights.length];
        for (int node = weights.length - 2; node >= 0; node--) {
            depths[node] = depths[parents[node]] + 1;
            if (node < n) {
                lengths[(int) leaves[node] & 0xFFFF] = depths[node];
            }
        }
        return lengths;
    }

    /** Canonical codes, their bits in the order written, with the length above 16 bits. */
    private static int[] codes(int[] lengths) {
        int[] next = new int[MAX_BITS + 2];
        for (int length : lengths) {
            next[length + 1] += length > 0 ? 1 : 0;
        }
        for (int length = 1; length < next.length; length++) {
            next[length] = (next[length] + next[length - 1]) << 1;
        }
        int[] codes = new int[lengths.length];
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int length = lengths[symbol];
            if (length > 0) {
                codes[symbol] = Integer.reverse(next[length]++) >>> (32 - length) | length << 16;
            }
        }
        return codes;
    }
}
