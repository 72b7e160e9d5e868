package io.unifiedlatents.core.config;

/**
 * Figures made of a detector's features.
 *
 * @param kernelSubsets subsets of the kernel distance (100 is usual); 0: not measured
 * @param kernelSubsetSize vectors in each (1,000 is usual)
 * @param neighbours k of precision, recall, density and coverage (3 or 5 are usual); 0: not measured
 * @param inceptionSplits parts of the Inception Score (10 is usual); 0: not measured
 * @param jackknifeGroups groups of pictures left out in turn for the interval of a Fréchet distance; 0: no interval
 * @param infinityPoints subsets for the Fréchet distance at infinity (15 in its paper); 0: not measured
 * @param floor whether the distance between two halves of the reference is measured, too
 */
public record DistancesConfig(
        @Within("[0, ∞)") int kernelSubsets,
        @Within("[2, ∞)") int kernelSubsetSize,
        @Within("[0, ∞)") int neighbours,
        @Within("[0, ∞)") int inceptionSplits,
        @Within("[0, ∞)") int jackknifeGroups,
        @Within("[0, ∞)") int infinityPoints,
        boolean floor) {
    /** Checks that a spread and a line have points enough. */
    public DistancesConfig {
        Check.setting(
                jackknifeGroups != 1 && infinityPoints != 1 && infinityPoints != 2,
                "jackknifeGroups=%d must be 0 or at least 2, infinityPoints=%d 0 or at least 3",
                jackknifeGroups,
                infinityPoints);
    }
}
