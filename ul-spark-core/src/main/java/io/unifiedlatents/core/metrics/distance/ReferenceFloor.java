package io.unifiedlatents.core.metrics.distance;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.random.Seeds;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The distances that a perfect generator would get: between two disjoint random halves of the reference itself.
 *
 * @param count vectors in each half
 * @param frechet distance between the halves, of Gaussians fitted to {@code count} vectors each
 * @param kernel distance between the halves; null where it was not measured
 */
public record ReferenceFloor(
        int count, FrechetDistance frechet, @Nullable KernelDistance kernel) {
    /**
     * Two disjoint sets of indices.
     *
     * @param count vectors of the reference
     * @param wanted vectors wanted in each, as many as are judged; fewer where the reference has not twice as many
     * @param seed of the choice
     */
    public static BitSet[] halves(int count, int wanted, long seed) {
        int size = Math.min(wanted, count / 2);
        Check.setting(size >= 2, "a reference of %d vectors has no halves of 2 or more to compare", count);
        int[] drawn = Subsets.draw(count, 2 * size, new SplittableRandom(Seeds.of(seed, "halves of a reference")));
        return new BitSet[] {Subsets.set(drawn, 0, size), Subsets.set(drawn, size, 2 * size)};
    }
}
