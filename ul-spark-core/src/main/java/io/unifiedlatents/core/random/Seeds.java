package io.unifiedlatents.core.random;

/**
 * Seeds for {@link java.util.SplittableRandom} and torch generators, derived from the purpose and position of a draw
 * and never from the rank that makes it.
 *
 * <p>The key parts are absorbed one after the other, each followed by the 64-bit finalizer of SplitMix64 (Steele, Lea
 * and Flood 2014, constants of Stafford's variant 13), a bijection: two keys that differ in one part never collide, and
 * neighbouring parts give unrelated seeds. The values are part of the data format: a change here changes every run.
 */
public final class Seeds {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double TWO_TO_MINUS_53 = 0x1.0p-53;

    private Seeds() {}

    /**
     * The seed of one draw.
     *
     * @param runSeed seed of the run, any value
     * @param purpose what is drawn, such as {@code "flip"}; keeps draws at the same position apart
     * @param parts position: epoch, step, stream, index, …; their number and order matter
     * @return well-mixed 64 bits, the same on every machine
     */
    public static long of(long runSeed, String purpose, long... parts) {
        long hash = absorb(0, runSeed);
        hash = absorb(hash, purpose.length());
        for (int i = 0; i < purpose.length(); i++) {
            hash = absorb(hash, purpose.charAt(i));
        }
        for (long part : parts) {
            hash = absorb(hash, part);
        }
        return absorb(hash, parts.length);
    }

    /** Maps a seed to [0, 1), by its upper 53 bits. */
    public static double unitInterval(long seed) {
        return (seed >>> 11) * TWO_TO_MINUS_53;
    }

    private static long absorb(long hash, long part) {
        return mix((hash ^ part) + GOLDEN_GAMMA);
    }

    private static long mix(long z) {
        long mixed = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
